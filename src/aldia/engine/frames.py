"""The frames that decide() reads and the one that it writes: columns, types, meaning of empty."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from aldia.engine.vocabulary import Fact, facts_of

_DTYPES: Final[dict[str, Any]] = {
    "int": pl.Int64, "money": pl.Int64, "text": pl.String, "bool": pl.Boolean, "date": pl.Date,
}  # fmt: skip


class FrameError(ValueError):
    """A frame that does not keep its schema: which frame, which column, what was found, what is needed."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; an empty ``null`` means that it may not hold empty values. ``bound`` is the largest size."""

    name: str
    dtype: Any
    about: str
    null: str = ""
    bound: int = 0


@dataclass(frozen=True, slots=True)
class FrameSchema:
    """A named list of columns, and which of them identify a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def dtypes(self) -> dict[str, Any]:
        """Column name to Polars type."""
        return {column.name: column.dtype for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """A frame of this schema without rows."""
        return pl.DataFrame(schema=self.dtypes)

    def with_own(self, own: Mapping[str, Fact]) -> "FrameSchema":
        """The same with the facts of its grain that an organisation declared."""
        columns = (_fact_column(fact) for fact in own.values() if f"{fact.grain}s" == self.name)
        return replace(self, columns=(*self.columns, *columns))


def _fact_column(fact: Fact) -> Column:
    return Column(fact.key, _DTYPES[fact.type], fact.label.en, fact.null, fact.bound)


def _id(name: str, about: str, null: str = "") -> Column:
    return Column(name, pl.Int64, about, null)


CASES: Final = FrameSchema(
    "cases",
    (
        _id("case_id", "the case"),
        _id("party_id", "who pays"),
        _id("portfolio_id", "its portfolio"),
        _id("creditor_id", "its creditor"),
        Column("calendar", pl.String, "key of its working calendar, as given to decide"),
        Column("policy", pl.String, "key of its contact policy, as given to decide"),
        Column("managed_since", pl.Date, "first day under this strategy; nothing older counts as missed"),
        *(_fact_column(fact) for fact in facts_of("case")),
    ),
    ("case_id",),
)
DOCUMENTS: Final = FrameSchema(
    "documents",
    (
        _id("document_id", "the open document"),
        _id("case_id", "its case"),
        Column("managed_since", pl.Date, "first day that aldia knew it; nothing older counts as missed"),
        *(_fact_column(fact) for fact in facts_of("document")),
    ),
    ("document_id",),
)
PEOPLE: Final = FrameSchema(
    "people",
    (
        _id("party_id", "the person or company"),
        _id("creditor_id", "for whom consent was given"),
        *(_fact_column(fact) for fact in facts_of("person")),
    ),
    ("party_id", "creditor_id"),
)
CONTACTS: Final = FrameSchema(
    "contacts",
    (
        _id("party_id", "who was contacted"),
        _id("case_id", "about which case", "about all of them"),
        _id("creditor_id", "for which creditor", "for all of them"),
        Column("channel", pl.String, "by which channel"),
        Column("on", pl.Date, "on which local day"),
        Column("is_contact", pl.Boolean, "it reached the person"),
    ),
)
TAKEN: Final = FrameSchema(
    "taken",
    (
        Column("strategy", pl.String, "key of the strategy"),
        Column("step", pl.String, "stable key of the step"),
        Column("subject_kind", pl.String, "case or document"),
        _id("subject_id", "which case or document"),
        _id("cycle", "cycle of the case; 1 for documents"),
        _id("attempt", "ordinal within the cycle"),
        Column("anchor_on", pl.Date, "the anchor's date when it was decided", "not known"),
        Column("state", pl.String, "take, withheld, missed, or failed (delivery failed for good)"),
    ),
)
HOLDS: Final = FrameSchema(
    "holds",
    (
        _id("case_id", "the case on hold"),
        _id("document_id", "the one document on hold", "the whole case"),
        Column("kind", pl.String, "promise, plan, dispute, legal …"),
        Column("until_on", pl.Date, "first day without the hold", "until it is lifted"),
    ),
)
DECISIONS: Final = FrameSchema(
    "decisions",
    (
        _id("case_id", "the case"),
        _id("party_id", "who pays"),
        Column("strategy", pl.String, "key of the strategy"),
        _id("version", "its version"),
        Column("step", pl.String, "stable key of the step, or stage:<key> for a stage entered by condition"),
        Column("subject_kind", pl.String, "case or document"),
        _id("subject_id", "which case or document"),
        _id("cycle", "cycle of the case; 1 for documents"),
        _id("attempt", "ordinal within the cycle"),
        Column("anchor_on", pl.Date, "the anchor's date", "a stage entered by condition has none"),
        Column("action", pl.String, "notice, task, stage or alarm"),
        Column("channel", pl.String, "chosen channel of a notice", "not a notice, or nobody to reach"),
        Column("template", pl.String, "template key of a notice", "not a notice"),
        Column("target", pl.String, "task kind, stage key or alarm kind", "a notice"),
        Column("due_on", pl.Date, "the day the step fell due"),
        Column("group", pl.String, "rows of one group are one message or one task"),
        Column("state", pl.String, "take, withheld or missed"),
        Column("reason", pl.String, "due, reach, fallback, stage_entry, held_out, hold, no_consent, opted_out, unreachable, closed_day, cap, lapsed"),
        Column("reason_args", pl.String, "JSON object with the numbers and codes of the reason"),
        _id("priority", "greater goes first"),
    ),
    ("strategy", "step", "subject_kind", "subject_id", "cycle", "attempt"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frames:
    """What decide() reads: one partition of the portfolio, as of a day. Only open cases and open documents."""

    cases: pl.DataFrame
    documents: pl.DataFrame
    people: pl.DataFrame
    contacts: pl.DataFrame
    taken: pl.DataFrame
    holds: pl.DataFrame


def check_frame(
    frame: pl.DataFrame, schema: FrameSchema, needed: Iterable[str] | None = None
) -> pl.DataFrame:
    """The frame itself when it keeps the schema. ``needed`` columns must be there (all, when not given).

    Raises FrameError for a missing column, another type, an empty or oversized value, or a repeated key.
    """
    wanted = {column.name for column in schema.columns} if needed is None else set(needed)
    missing = sorted(wanted - set(frame.columns))
    if missing:
        raise FrameError(f"frame {schema.name}: missing columns {', '.join(missing)}")
    for column in schema.columns:
        if column.name in frame.columns:
            _check_column(frame[column.name], column, schema.name)
    if schema.key and set(schema.key) <= set(frame.columns):
        repeated = frame.height - frame.select(schema.key).unique().height
        if repeated:
            raise FrameError(f"frame {schema.name}: {repeated} rows repeat the key {', '.join(schema.key)}")
    return frame


def _check_column(values: pl.Series, column: Column, frame: str) -> None:
    place = f"frame {frame}, column {column.name} ({column.about})"
    if values.dtype != column.dtype:
        raise FrameError(f"{place}: found type {values.dtype}, expected {column.dtype}")
    if not column.null and values.null_count():
        row = values.is_null().arg_max()
        raise FrameError(
            f"{place}: empty in {values.null_count()} rows, first in row {row}; it is never empty"
        )
    if not column.bound or not len(values):
        return
    low, high = values.min(), values.max()
    if (isinstance(low, int) and low < -column.bound) or (isinstance(high, int) and high > column.bound):
        raise FrameError(f"{place}: found a value outside ±{column.bound}: {low!r} to {high!r}")
