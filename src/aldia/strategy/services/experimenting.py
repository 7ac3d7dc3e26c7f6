"""Experiments: one at a time, planned before it starts, stopped by a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.domain.experiments import CHALLENGER, CHAMPION, CONTROL, Plan, sequential_size
from aldia.strategy.brought import usual_amounts
from aldia.strategy.models import Experiment, Strategy

_LONGEST = 180


class ExperimentRefused(ValueError):
    """What was asked cannot be an experiment: says why and how to repair it."""


@dataclass(frozen=True)
class ExperimentDraft:
    """An experiment as somebody plans it; shares and rates in whole points of a hundred, the horizon in days."""

    name: str
    strategy_key: str
    challenger: int = 50
    control: int = 0
    base: int = 30
    effect: int = 5
    horizon: int = 30

    @property
    def shares(self) -> dict[str, int]:
        """The parts of a hundred of each arm."""
        return {
            CHAMPION: 100 - self.challenger - self.control,
            CHALLENGER: self.challenger,
            CONTROL: self.control,
        }

    @property
    def plan(self) -> Plan:
        """The plan of the test. Raises ExperimentError."""
        return Plan(base=self.base / 100, effect=self.effect / 100)


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
    if min(draft.shares[CHAMPION], draft.challenger) < 1 or draft.control < 0:
        raise ExperimentRefused(_("Deja parte de los clientes con cada forma: entre las tres suman cien."))
    if not 1 <= draft.horizon <= _LONGEST:
        raise ExperimentRefused(_("Los días van de 1 a %(most)s.") % {"most": _LONGEST})
    try:
        size = sequential_size(draft.plan)
    except ValueError as wrong:
        raise ExperimentRefused(_("Los porcentajes van de 1 a 99, y juntos no llegan a 100.")) from wrong
    amounts = usual_amounts(
        actor.organisation_id, as_of=clock.as_of, horizon=draft.horizon, lift=draft.effect / draft.base,
        currency=access.organisation_of(actor).currency,
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
