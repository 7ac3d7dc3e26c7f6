"""Where the next minute is best spent: the chance of paying, times what would be paid, by the minutes that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.domain.labels import Label
from aldia.engine.scorecards import Scorecard, reasons
from aldia.strategy.lab.effort import effort_of
from aldia.strategy.models import CaseChance
from aldia.strategy.scores import SETTING, case_rows, rule_of_thumb

_NAMES: Final[Mapping[str, Label]] = {
    "dpd": Label("días de atraso", "days late", "dias de atraso"),
    "documents_overdue": Label("documentos vencidos", "overdue documents", "documentos vencidos"),
    "overdue_times_usual": Label("veces lo que se debe habitualmente", "times what is usually owed", "vezes o que se deve habitualmente"),
    "days_since_payment": Label("días desde el último pago", "days since the last payment", "dias desde o último pagamento"),
    "payments_12m": Label("pagos en un año", "payments in a year", "pagamentos em um ano"),
    "promises_kept_12m": Label("promesas cumplidas", "promises kept", "promessas cumpridas"),
    "promises_broken_12m": Label("promesas incumplidas", "promises broken", "promessas não cumpridas"),
    "contacts_30d": Label("contactos en un mes", "contacts in a month", "contatos em um mês"),
}  # fmt: skip
GROWING: Final = ("dpd", "days_since_payment")
"""The facts of a score that grow by a day every day."""
_NEVER: Final = Label("nunca pagó en un año", "never paid in a year", "nunca pagou em um ano")


@dataclass(frozen=True)
class NextBest:
    """One case: the chance, what it has overdue, the minutes, what a minute is expected to bring (minor units), and why.

    `reasons`: a text and whether it raises the chance.
    """

    case_id: int
    debtor_name: str
    chance: float
    overdue_minor: int
    currency: str
    minutes: int
    per_minute_minor: int
    reasons: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class ScoreInUse:
    """The scorecard in use; `told` is empty while it is the rule of thumb."""

    card: Scorecard
    told: Mapping[str, Any]

    @property
    def is_learnt(self) -> bool:
        """Whether it comes from the organisation's own history."""
        return bool(self.told)


def score_in_use(actor: Actor) -> ScoreInUse:
    """Return the scorecard that was learnt last, else the rule of thumb."""
    kept = access.organisation_of(actor).settings.get(SETTING)
    if not kept:
        return ScoreInUse(rule_of_thumb(), {})
    return ScoreInUse(Scorecard.from_json(kept["card"]), kept["told"])


def next_best(actor: Actor, *, as_of: date, language: str, limit: int = 50) -> list[NextBest]:
    """Return the cases that the actor sees, greatest expected recovery per minute first. Raises NotAllowed.

    The minutes are those of a call, as the organisation says. Amounts of different currencies are not compared: each
    currency has its own order, the house's first.
    """
    if not actor.may(Permission.READ_EVERYTHING):
        actor.check(Permission.WORK_CASES)
    used, minutes = score_in_use(actor), effort_of(actor).minutes_of("call")
    rows = case_rows(actor.organisation_id, as_of=as_of)
    seen = dict(
        cases.scope(actor)
        .filter(pk__in=rows["case_id"].to_list(), is_open=True)
        .values_list("pk", "debtor_name")
    )
    house = access.organisation_of(actor).currency
    scored = with_worth(rows.filter(pl.col("case_id").is_in(list(seen))), used.card, minutes)
    ranked = scored.with_columns(is_abroad=pl.col("currency") != house).sort(
        "is_abroad", "currency", "worth", "case_id", descending=[False, False, True, False]
    )
    best = ranked.head(limit)
    parts = best.select(used.card.parts()).to_dicts()
    return [
        NextBest(
            row["case_id"], seen[row["case_id"]], row["chance"], row["overdue"], row["currency"], minutes, row["worth"],
            _reasons(used.card, row, part, language),
        )
        for row, part in zip(best.to_dicts(), parts, strict=True)
    ]  # fmt: skip


def with_worth(rows: pl.DataFrame, card: Scorecard, minutes: int) -> pl.DataFrame:
    """Return the rows with `chance`, and `worth`: what a minute on each is expected to bring, in minor units."""
    return rows.with_columns(chance=card.probability()).with_columns(
        worth=(pl.col("chance") * pl.col("overdue") / max(minutes, 1)).round().cast(pl.Int64)
    )


def worth_reasons(
    actor: Actor, case_ids: Sequence[int], *, as_of: date, language: str
) -> dict[int, tuple[int, tuple[tuple[str, bool], ...]]]:
    """Return, by case, the chance in parts of a thousand and what moved it most, as they were reckoned last night."""
    kept = CaseChance.objects.of(actor.organisation_id).filter(case_id__in=case_ids)
    rows = list(kept.values_list("case_id", "chance_permille", "known"))
    if not rows:
        return {}
    card = score_in_use(actor).card
    names = [one.name for one in card.characteristics]
    told = [
        {name: _today(name, known.get(name), as_of) for name in names} for _case_id, _chance, known in rows
    ]
    parts = pl.DataFrame(told, schema=dict.fromkeys(names, pl.Float64)).select(card.parts()).to_dicts()
    return {
        case_id: (chance, _reasons(card, row, part, language))
        for (case_id, chance, _known), row, part in zip(rows, told, parts, strict=True)
    }


def _today(name: str, kept: float | None, as_of: date) -> float | None:
    """A fact as of today: days that only pass are kept as the day from which they count."""
    return as_of.toordinal() - kept if name in GROWING and kept is not None else kept


def _reasons(
    card: Scorecard, row: Mapping[str, Any], part: Mapping[str, float], language: str
) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (_reason(name, row[name], language), moved > 0) for name, moved in reasons(card, part) if moved
    )


def fact_name(name: str, language: str) -> str:
    """Return what a characteristic is called."""
    return _NAMES[name].of(language)


def _reason(name: str, value: Any, language: str) -> str:
    if value is None:
        return _NEVER.of(language)
    return f"{fact_name(name, language)}: {value:g}"
