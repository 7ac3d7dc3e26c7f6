"""Why not that: for each step of the strategy of a case, what became of it, or what keeps it from happening today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.domain.labels import Label
from aldia.engine.absence import Absence, why_not
from aldia.engine.rules import explain
from aldia.ledger import selectors as ledger
from aldia.strategy.models import Decision
from aldia.strategy.night import decide_partition, night_plan
from aldia.strategy.night.arms import arm_on
from aldia.strategy.reasons import action_name, day_text, reason_text, state_name

if TYPE_CHECKING:
    from aldia.engine.strategy import Step, Strategy
    from aldia.strategy.night.gathering import Gathered

_TEXTS: Final = {
    "no_date": Label("No tiene la fecha desde la que se cuenta.", "It has no date to count from.", "Não tem a data desde a qual se conta."),
    "not_yet": Label("Le toca el {on}.", "It is due on {on}.", "É a vez em {on}."),
    "over": Label("Su plazo terminó el {on}.", "Its time ended on {on}.", "O prazo terminou em {on}."),
    "other_stage": Label("Es de la etapa «{stage}».", "It belongs to the stage “{stage}”.", "É da etapa «{stage}»."),
    "condition": Label("No cumple: {rule}.", "It does not meet: {rule}.", "Não cumpre: {rule}."),
    "gone": Label("No tiene documentos abiertos.", "It has no open documents.", "Não tem documentos em aberto."),
}  # fmt: skip


_STATES: Final = {
    "not_yet": Label("más adelante", "later", "mais adiante"),
    "over": Label("ya pasó", "past", "já passou"),
    "no": Label("no", "no", "não"),
}
_ORDER: Final = ("", "not_yet", "condition", "other_stage", "no_date", "over")


@dataclass(frozen=True)
class StepFate:
    """What became of one step. `state`: taken, withheld, missed, or absent when nothing has happened yet."""

    key: str
    name: str
    action_label: str
    state: str
    state_label: str
    reason: str
    is_ahead: bool = False  # it comes later, by its date alone


@dataclass(frozen=True)
class CaseFates:
    """The strategy that works a case, and what became of each of its steps."""

    key: str
    name: str
    version: int
    steps: tuple[StepFate, ...]


def fates(actor: Actor, case_id: int, *, as_of: date, language: str) -> CaseFates | None:
    """Return the strategy of the case with the fate of each of its steps; None where no strategy works the case.

    Raises NotAllowed, and LookupError for a case that the actor does not see.
    """
    cases.check_seen(actor, case_id)
    portfolio_id, _creditor_id, party_id = ledger.account_of(actor, case_id)
    plan = night_plan(actor.organisation_id, as_of=as_of)
    arm = arm_on(actor.organisation_id, party_id, as_of)
    one = next((each for each in plan.strategies if each.works(portfolio_id, arm)), None)
    if one is None:
        return None
    gathered = decide_partition(plan, (party_id, party_id)).gathered
    rows = _rows(gathered, case_id)
    past = _past(actor, case_id, one.strategy.key)
    value = one.strategy
    found = [
        _fate(value, step, past.get(step.key), rows[step.grain], (gathered, as_of, language))
        for step in value.steps
    ]
    return CaseFates(value.key, value.name.of(language), value.version, tuple(found))


def _rows(gathered: Gathered, case_id: int) -> dict[str, list[dict[str, Any]]]:
    """The facts of the case with its person, and of each of its documents with both."""
    people = {(row["party_id"], row["creditor_id"]): row for row in gathered.people.to_dicts()}
    heads = [row for row in gathered.cases.to_dicts() if row["case_id"] == case_id]
    heads = [people.get((row["party_id"], row["creditor_id"]), {}) | row for row in heads]
    documents = [row for row in gathered.documents.to_dicts() if row["case_id"] == case_id]
    return {"case": heads, "document": [head | row for head in heads for row in documents]}


def _past(actor: Actor, case_id: int, key: str) -> dict[str, Decision]:
    """The last decision of each step."""
    rows = (
        Decision.objects.of(actor.organisation_id)
        .filter(case_id=case_id, strategy_key=key)
        .order_by("on", "id")
    )
    return {row.step: row for row in rows}


def _fate(
    value: Strategy,
    step: Step,
    past: Decision | None,
    rows: list[dict[str, Any]],
    told: tuple[Gathered, date, str],
) -> StepFate:
    gathered, as_of, language = told
    name, label = step.name.of(language), action_name(step.action.kind, language)
    if past is not None:
        reason = reason_text(past.reason, past.reason_args, channel=past.channel, language=language)
        said = f"{day_text(past.on, language)} · {reason}"
        return StepFate(step.key, name, label, past.state, state_name(past.state, language), said)
    found = [why_not(row, value, step, gathered.law.calendars, as_of=as_of) for row in rows]
    if not rows:
        return StepFate(
            step.key, name, label, "absent", _STATES["no"].of(language), _TEXTS["gone"].of(language)
        )
    nearest = min(found, key=_hope)
    if nearest is None:
        due = reason_text("due", {}, channel="", language=language)
        return StepFate(step.key, name, label, "absent", _STATES["not_yet"].of(language), due, is_ahead=True)
    state = _STATES.get(nearest.code, _STATES["no"]).of(language)
    said = _said(nearest, value, step, language)
    return StepFate(step.key, name, label, "absent", state, said, is_ahead=nearest.code == "not_yet")


def _hope(absence: Absence | None) -> tuple[int, int]:
    """Of several documents, the one that comes nearest speaks: today, else the soonest to come, else the last that was."""
    if absence is None:
        return 0, 0
    day = absence.told["on"].toordinal() if "on" in absence.told else 0
    return _ORDER.index(absence.code), -day if absence.code == "over" else day


def _said(absence: Absence, value: Strategy, step: Step, language: str) -> str:
    told = dict(absence.told)
    if "on" in told:
        told["on"] = day_text(told["on"], language)
    if "stage" in told:
        told["stage"] = next(one.name.of(language) for one in value.stages if one.key == told["stage"])
    if absence.code == "condition":
        told["rule"] = explain(step.condition, language)
    return _TEXTS[absence.code].of(language).format(**told)
