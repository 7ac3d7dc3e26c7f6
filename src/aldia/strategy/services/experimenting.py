"""Experiments: one at a time, planned before it starts, stopped by a person."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.strategy.brought import usual_amounts, worked_portfolios
from aldia.strategy.experiment_drafts import ExperimentDraft, ExperimentRefused
from aldia.strategy.models import Experiment, Strategy


@transaction.atomic
def start_experiment(*, actor: Actor, draft: ExperimentDraft, clock: Clock) -> Experiment:
    """Return the experiment that runs from today; the rules of its strategy read the arm as `experiment_arm`.

    Raises ExperimentRefused when another runs, or a figure cannot be; NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    rows = Experiment.objects.of(actor.organisation_id)
    if rows.filter(stopped_on=None).exists():
        raise ExperimentRefused(_("Ya corre un experimento: detenlo antes de empezar otro."))
    if (
        not draft.name.strip()
        or not Strategy.objects.of(actor.organisation_id).filter(key=draft.strategy_key).exists()
    ):
        raise ExperimentRefused(_("Escribe un nombre y elige una estrategia."))
    size = draft.size()
    amounts = usual_amounts(
        actor.organisation_id, worked_portfolios(actor.organisation_id, draft.strategy_key, clock.as_of), as_of=clock.as_of,
        horizon=draft.horizon, lift=draft.effect / draft.base, currency=access.organisation_of(actor).currency,
    )  # fmt: skip
    row: Experiment = Experiment.objects.create(
        organisation_id=actor.organisation_id, key=f"{slugify(draft.name)[:40]}-{rows.count() + 1}", name=draft.name.strip()[:120],
        strategy_key=draft.strategy_key, shares=draft.shares, base_percent=draft.base, effect_points=draft.effect, size=size,
        horizon_days=draft.horizon, amounts=asdict(amounts) if amounts else None, starts_on=clock.as_of, started_by=actor.label, started_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="strategy.experiment.start", object_type="experiment", object_id=row.pk, now=clock.now,
        data={"key": row.key, "shares": draft.shares, "size": size},
    )  # fmt: skip
    return row


@transaction.atomic
def stop_experiment(*, actor: Actor, experiment_id: int, verdict: str, clock: Clock) -> Experiment:
    """Return the experiment stopped with the verdict of that moment; one that is stopped stays so. Raises NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    row: Experiment = Experiment.objects.select_for_update().get(
        organisation_id=actor.organisation_id, pk=experiment_id
    )
    if row.stopped_on is None:
        row.stopped_on, row.verdict = clock.as_of, verdict[:20]
        row.save(update_fields=["stopped_on", "verdict"])
        audit.record(
            actor=actor, verb="strategy.experiment.stop", object_type="experiment", object_id=row.pk, now=clock.now,
            data={"key": row.key, "verdict": row.verdict},
        )  # fmt: skip
    return row
