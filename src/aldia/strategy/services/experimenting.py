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
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.strategy.brought import usual_amounts, worked_portfolios
from aldia.strategy.experiment_drafts import ExperimentDraft, ExperimentRefused
from aldia.strategy.models import Experiment, Strategy
from aldia.strategy.night.in_use import versions_in_force


@transaction.atomic
def start_experiment(*, actor: Actor, draft: ExperimentDraft, clock: Clock) -> Experiment:
    """Return the experiment that runs from today, in the portfolios that its strategy works today.

    With a challenger, that strategy works the people of its arm from tonight on; without one, the rules of the strategy
    in use read the arm as `experiment_arm`. Raises ExperimentRefused when another runs, or a figure cannot be; NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    rows = Experiment.objects.of(actor.organisation_id)
    if rows.filter(stopped_on=None).exists():
        raise ExperimentRefused(_("Ya corre un experimento: detenlo antes de empezar otro."))
    _check_strategies(actor, draft, clock)
    size = draft.size()
    portfolios = worked_portfolios(actor.organisation_id, draft.strategy_key, clock.as_of)
    amounts = usual_amounts(
        actor.organisation_id, portfolios, as_of=clock.as_of, horizon=draft.horizon, lift=draft.effect / draft.base,
        currency=access.organisation_of(actor).currency,
    )  # fmt: skip
    row: Experiment = Experiment.objects.create(
        organisation_id=actor.organisation_id, key=f"{slugify(draft.name)[:40]}-{rows.count() + 1}", name=draft.name.strip()[:120],
        strategy_key=draft.strategy_key, challenger_key=draft.challenger_key, portfolio_ids=list(portfolios), shares=draft.shares,
        base_percent=draft.base, effect_points=draft.effect, size=size, horizon_days=draft.horizon, amounts=asdict(amounts) if amounts else None,
        starts_on=clock.as_of, started_by=actor.label, started_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="strategy.experiment.start", object_type="experiment", object_id=row.pk, now=clock.now,
        data={"key": row.key, "shares": draft.shares, "size": size, "challenger": draft.challenger_key, "portfolios": row.portfolio_ids},
    )  # fmt: skip
    return row


def _check_strategies(actor: Actor, draft: ExperimentDraft, clock: Clock) -> None:
    is_known = Strategy.objects.of(actor.organisation_id).filter(key=draft.strategy_key).exists()
    if not draft.name.strip() or not is_known:
        raise ExperimentRefused(_("Escribe un nombre y elige una estrategia."))
    if not draft.challenger_key:
        return
    if draft.challenger_key == draft.strategy_key:
        raise ExperimentRefused(_("La retadora es la misma que está en uso: elige otra."))
    if draft.challenger_key not in versions_in_force(actor.organisation_id, clock.as_of):
        raise ExperimentRefused(_("La retadora no está publicada: publícala antes de probarla."))
    if not worked_portfolios(actor.organisation_id, draft.strategy_key, clock.as_of):
        raise ExperimentRefused(_("Ninguna cartera usa hoy esa estrategia: no habría a quién comparar."))


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


@transaction.atomic
def keep_challenger(*, actor: Actor, experiment_id: int, verdict: str, clock: Clock) -> list[str]:
    """Stop an experiment and give its portfolios to the challenger; return the names of those that changed.

    Those that name another strategy by now stay as they are. Raises ExperimentRefused when it has no challenger of its
    own, or it was stopped before; NotAllowed: a portfolio is changed by who may edit settings.
    """
    row: Experiment = Experiment.objects.select_for_update().get(
        organisation_id=actor.organisation_id, pk=experiment_id
    )
    if not row.challenger_key or row.stopped_on is not None:
        raise ExperimentRefused(_("Ese experimento ya se detuvo, o no prueba otra estrategia."))
    theirs = worked_portfolios(actor.organisation_id, row.strategy_key, clock.as_of)
    stop_experiment(actor=actor, experiment_id=row.pk, verdict=verdict, clock=clock)
    kept = [each for each in ledger.portfolios(actor) if each.pk in theirs and each.pk in row.portfolio_ids]
    for portfolio in kept:
        ledger_services.change_portfolio(
            actor=actor, portfolio_id=portfolio.pk, now=clock.now, strategy_key=row.challenger_key
        )
    return [portfolio.name for portfolio in kept]
