"""How the organisation's own clients answered: days at risk and payments by circumstance, from the journal and the touches.

Each week of the window is looked at as it stood on its first day; its days count until the case pays. Twenty draws, each
with the cases weighed anew (a Poisson bootstrap), say how sure it is. Where the history is too thin it refuses, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aldia.contact import facts as contact
from aldia.engine.draws import salt, uniforms
from aldia.engine.response import DIMENSIONS, ECHO, NO_CONTACT, Response, age_bands, fitted, size_bands
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes
from aldia.strategy.reasons import channel_name

WEEKS: Final = 26
LEAST_WEEKS: Final = 4
LEAST_PAYMENTS: Final = 60
LEAST_ECHO: Final = 100  # case-days in the days after a contact by a channel, to speak about it
LEAST_PROMISES: Final = 20
DRAWS: Final = 20
_SIZES: Final = (0.5, 0.8, 0.95)
_WEEK: Final = 7
_POISSON: Final = (0.36788, 0.73576, 0.91970, 0.98101, 0.99634)  # cumulative, mean 1


class TooThin(Exception):
    """The history does not allow to speak: what there is and what is needed, one sentence each."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(" ".join(missing))
        self.missing = missing


@dataclass(frozen=True)
class Answers:
    """The draws of the response model, what they rest on, and what they cannot tell (in words)."""

    draws: tuple[Response, ...]
    weeks: int
    payments: int
    doubts: tuple[str, ...] = ()
    by_contact: Mapping[str, float] = field(default_factory=dict)


def answers(organisation_id: int, *, as_of: date, channels: Sequence[str], draws: int = DRAWS) -> Answers:
    """Return the response model of the organisation's last half year. `channels` are those that it will be asked about.

    Raises TooThin.
    """
    weeks = [as_of - timedelta(days=_WEEK * (ahead + 1)) for ahead in range(WEEKS)]
    standing = [frame for since in weeks if not (frame := _standing(organisation_id, since)).is_empty()]
    touches = contact.touch_frame(organisation_id, since_on=weeks[-1] - timedelta(days=ECHO))
    touches = touches.filter(~pl.col("is_inbound") & (pl.col("on") < as_of))
    paid = ledger.payments_frame(organisation_id, from_on=weeks[-1], to_on=as_of).filter(
        pl.col("amount_minor") > 0
    )
    lived = _days(pl.concat(standing), paid, touches) if standing else pl.DataFrame()
    total = int(lived["paid"].sum()) if standing else 0
    missing = _missing(len(standing), total)
    if missing:
        raise TooThin(missing)
    sizes = _bounds(pl.concat(standing))
    cells = _cells(lived, sizes)
    echoes = dict(cells.group_by("contact").agg(pl.col("days").sum()).iter_rows())
    thin = sorted({key for key in (*channels, *echoes) if echoes.get(key, 0) < LEAST_ECHO})
    promises = outcomes.promise_frame(organisation_id, from_on=weeks[-1], to_on=as_of)
    told = _Told(lived, cells, touches, promises, sizes, thin)
    doubts = _doubts(echoes, promises, [key for key in thin if key in channels])
    factors = told.draw(None).factors["contact"]
    base = factors.get(NO_CONTACT, 1.0)
    known = {key: round(value / base, 2) for key, value in factors.items() if key not in (NO_CONTACT, *thin)}
    drawn = tuple(told.draw(number) for number in range(draws))
    return Answers(drawn, len(standing), total, doubts, known)


def _missing(weeks: int, payments: int) -> tuple[str, ...]:
    found = []
    if weeks < LEAST_WEEKS:
        found.append(
            _("Hay %(found)s semanas de historia y hacen falta %(least)s.")
            % {"found": weeks, "least": LEAST_WEEKS}
        )
    if payments < LEAST_PAYMENTS:
        told = {"found": payments, "least": LEAST_PAYMENTS}
        found.append(_("Hay %(found)s días con pagos en el último medio año y hacen falta %(least)s.") % told)
    return tuple(found)


def _standing(organisation_id: int, since: date) -> pl.DataFrame:
    """What each case owed on the first day of a week: overdue, else its next document."""
    documents = ledger.document_frame(organisation_id, as_of=since).filter(pl.col("open_minor") > 0)
    is_due, money = pl.col("due_on") < since, pl.col("open_minor")
    return (
        documents.sort("due_on", "document_id")
        .group_by("case_id", "portfolio_id", "currency")
        .agg(overdue=money.filter(is_due).sum(), next_one=money.first(), oldest=pl.col("due_on").first())
        .with_columns(
            asked=pl.when(pl.col("overdue") > 0).then("overdue").otherwise("next_one"), since=pl.lit(since)
        )
    )


def _days(standing: pl.DataFrame, paid: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """A row for each case and day at risk, with whether it paid, how much of what was asked, and the last contact by then."""
    days = standing.join(pl.DataFrame({"ahead": range(_WEEK)}, schema={"ahead": pl.Int64}), how="cross")
    days = days.with_columns(on=(pl.col("since") + pl.duration(days=pl.col("ahead"))).cast(pl.Date))
    received = paid.group_by("case_id", "on", "currency").agg(amount=pl.col("amount_minor").sum())
    days = days.join(received, on=["case_id", "on", "currency"], how="left").sort("case_id", "currency", "on")
    is_paid = pl.col("amount").is_not_null()
    before = is_paid.cast(pl.Int64).cum_sum().over("case_id", "currency", "since") - is_paid.cast(pl.Int64)
    days = days.filter(before == 0).with_columns(paid=is_paid.cast(pl.Int64), days=pl.lit(1, pl.Int64))
    last = touches.select("case_id", "on", contact="channel").sort("on").with_columns(contact_on=pl.col("on"))
    joined = days.sort("on").join_asof(
        last, on="on", by="case_id", strategy="backward", tolerance=f"{ECHO - 1}d", check_sortedness=False
    )
    return joined.with_columns(
        contact=pl.col("contact").fill_null(NO_CONTACT),
        late=(pl.col("on") - pl.col("oldest")).dt.total_days().clip(lower_bound=0),
    )


def _bounds(standing: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    """The amounts that half, four fifths and nineteen twentieths of what is asked do not pass, by currency."""
    told = standing.group_by("currency").agg(
        [pl.col("asked").quantile(part).round().cast(pl.Int64).alias(str(part)) for part in _SIZES]
    )
    return {row[0]: tuple(sorted(set(row[1:]))) for row in told.sort("currency").iter_rows()}


def _cells(lived: pl.DataFrame, sizes: Mapping[str, Sequence[int]]) -> pl.DataFrame:
    """Days and payments by case and circumstance."""
    portfolios = pl.col("portfolio_id").cast(pl.String)
    told = lived.with_columns(
        age=age_bands(pl.col("late")),
        size=size_bands(pl.col("asked"), pl.col("currency"), sizes),
        segment=portfolios,
    )
    return (
        told.group_by("case_id", *DIMENSIONS)
        .agg(days=pl.col("days").sum(), paid=pl.col("paid").sum())
        .sort("case_id", *DIMENSIONS)
    )


@dataclass(frozen=True)
class _Told:
    """Everything that a draw weighs."""

    lived: pl.DataFrame
    cells: pl.DataFrame
    touches: pl.DataFrame
    promises: pl.DataFrame
    sizes: Mapping[str, Sequence[int]]
    thin: Sequence[str]

    def draw(self, number: int | None) -> Response:
        """The model with the cases weighed as the draw says; all alike when None."""
        weight = _weight(number)
        cells = (
            self.cells.with_columns(w=weight)
            .group_by(DIMENSIONS)
            .agg(days=(pl.col("days") * pl.col("w")).sum(), paid=(pl.col("paid") * pl.col("w")).sum())
        )
        rows = [(tuple(row[:4]), float(row[4]), float(row[5])) for row in cells.sort(DIMENSIONS).iter_rows()]
        base, factors = fitted(rows)
        factors["contact"] |= dict.fromkeys(self.thin, factors["contact"].get(NO_CONTACT, 1.0))
        events = self.lived.filter(pl.col("paid") > 0).with_columns(
            w=weight, share=pl.col("amount") / pl.col("asked")
        )
        whole = pl.col("share") >= 1
        full = _ratio(events, whole)
        part = events.filter(~whole).select((pl.col("share") * pl.col("w")).sum() / pl.col("w").sum()).item()
        calls = self.touches.filter(~pl.col("is_order") & (pl.col("channel") == "call")).with_columns(
            w=weight
        )
        talks = calls.filter("is_right_party")
        ended = self.promises.filter(pl.col("state").is_in(["kept", "broken", "partial"])).with_columns(
            w=weight
        )
        made = (
            self.promises.select("case_id", on="made_on")
            .unique()
            .with_columns(is_promised=pl.lit(value=True))
        )
        promising = talks.join(made, on=["case_id", "on"], how="left").with_columns(
            pl.col("is_promised").fill_null(value=False)
        )
        delay = (self.promises["due_on"] - self.promises["made_on"]).dt.total_days().median()
        return Response(
            base=base, factors=factors, sizes=self.sizes, full=full, part=_clipped(part, 0.5), reach=_ratio(calls, pl.col("is_right_party")),
            promise=_ratio(promising, pl.col("is_promised")), kept=_ratio(ended, pl.col("state") == "kept"),
            delay=max(1, round(float(delay))) if isinstance(delay, int | float) else 5,
        )  # fmt: skip


def _weight(number: int | None) -> pl.Expr:
    """How often a case counts in a draw: a Poisson variable of mean one, the same wherever the case is."""
    if number is None:
        return pl.lit(1, pl.Int64)
    u = uniforms(salt(number, 0, "weight"), pl.col("case_id"))
    return pl.sum_horizontal([(u >= bound).cast(pl.Int64) for bound in _POISSON])


def _ratio(rows: pl.DataFrame, test: pl.Expr) -> float:
    """The weighed share of rows that pass, with one more that does and one that does not (Laplace)."""
    passed = (test.cast(pl.Float64) * pl.col("w")).sum()
    told: Any = rows.select((passed + 1) / (pl.col("w").sum() + 2)).item()
    return _clipped(told, 0.5)


def _clipped(value: Any, otherwise: float) -> float:
    return min(max(float(value), 0.0), 1.0) if value is not None and value == value else otherwise


def _doubts(echoes: Mapping[str, int], promises: pl.DataFrame, thin: Sequence[str]) -> tuple[str, ...]:
    """What the history says too little about."""
    found = [
        _(
            "Sobre %(channel)s hay %(found)s días de clientes contactados y hacen falta %(least)s: se supone sin efecto."
        )
        % {
            "channel": channel_name(channel, get_language() or "es"),
            "found": echoes.get(channel, 0),
            "least": LEAST_ECHO,
        }
        for channel in thin
    ]
    ended = promises.filter(pl.col("state").is_in(["kept", "broken", "partial"])).height
    if ended < LEAST_PROMISES:
        told = {"found": ended, "least": LEAST_PROMISES}
        found.append(
            _("Terminaron %(found)s promesas y hacen falta %(least)s para saber cuántas se cumplen.") % told
        )
    return tuple(found)
