"""What one run of decide() knows: the checked and joined inputs, ready for every step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from aldia.domain.calendars import Calendar
from aldia.domain.money import exponent_of
from aldia.engine import frames as schemas
from aldia.engine.conditions import EXPONENT, condition
from aldia.engine.contact_rules import CHANNELS, REACH, DayPolicy
from aldia.engine.frames import FrameError, Frames, check_frame
from aldia.engine.rules import Rule
from aldia.engine.strategy import Strategy
from aldia.engine.windows import check_years

_CASE_BASE = ("case_id", "party_id", "creditor_id", "calendar", "policy", "managed_since", "currency", "cycle",
              "stage", "priority")  # fmt: skip
FINAL_STATES = ("take", "missed")


@dataclass(frozen=True, slots=True)
class Night:
    """The inputs of one run. ``cases`` carry their person, the stage they are in tonight and ``stage_before``."""

    strategy: Strategy
    calendars: Mapping[str, Calendar]
    policies: Mapping[str, DayPolicy]
    as_of: date
    cases: pl.DataFrame
    documents: pl.DataFrame
    contacts: pl.DataFrame
    holds: pl.DataFrame
    taken: pl.DataFrame
    exponents: tuple[int, ...]

    def condition(self, rule: Rule) -> pl.Expr:
        """The rule over rows of this night."""
        return condition(rule, self.exponents)


def open_night(
    frames: Frames,
    strategy: Strategy,
    calendars: Mapping[str, Calendar],
    policies: Mapping[str, DayPolicy],
    *,
    as_of: date,
) -> Night:
    """Check and join the inputs. Raises FrameError, YearNotCovered, RuleError."""
    _check(frames, strategy)
    _check_keys(frames.cases, "calendar", calendars)
    _check_keys(frames.cases, "policy", policies)
    cases = _with_person(frames.cases, frames.people)
    currencies = cases["currency"].unique().to_list()
    decimals = {currency: exponent_of(currency) for currency in currencies}
    cases = cases.with_columns(
        pl.col("currency").replace_strict(decimals, return_dtype=pl.Int64).alias(EXPONENT)
    )
    exponents = tuple(sorted(set(decimals.values())))
    for step in strategy.steps:
        if step.unit == "business":
            source = frames.documents if step.grain == "document" else frames.cases
            check_years(source[anchor_column(step.grain, step.anchor)], calendars)
    holds = frames.holds.filter(pl.col("until_on").is_null() | (pl.col("until_on") > as_of))
    return Night(
        strategy=strategy,
        calendars=calendars,
        policies=policies,
        as_of=as_of,
        cases=_with_stage(cases, strategy, exponents, as_of),
        documents=frames.documents,
        contacts=frames.contacts,
        holds=holds,
        taken=frames.taken.filter(pl.col("strategy") == strategy.key),
        exponents=exponents,
    )


def anchor_column(grain: str, anchor: str) -> str:
    """The column that holds an anchor: the case's due date is that of its oldest document."""
    return "oldest_due_on" if (grain, anchor) == ("case", "due_on") else anchor


def needed_columns(strategy: Strategy) -> dict[str, set[str]]:
    """The columns of cases, documents and people that this strategy reads."""
    needed: dict[str, set[str]] = {
        "cases": set(_CASE_BASE),
        "documents": {"document_id", "case_id", "managed_since"},
        "people": {
            "party_id",
            "creditor_id",
            *(f"{way}_{name}" for way in REACH for name in CHANNELS),
        },
    }
    for step in strategy.steps:
        frame = "documents" if step.grain == "document" else "cases"
        needed[frame].add(anchor_column(step.grain, step.anchor))
    for frame, grain in (("cases", "case"), ("documents", "document"), ("people", "person")):
        needed[frame] |= {key for key, fact in strategy.named.items() if fact.grain == grain}
    return needed


def _check(frames: Frames, strategy: Strategy) -> None:
    needed = needed_columns(strategy)
    check_frame(frames.cases, schemas.CASES.with_own(strategy.own), needed["cases"])
    check_frame(frames.documents, schemas.DOCUMENTS.with_own(strategy.own), needed["documents"])
    check_frame(frames.people, schemas.PEOPLE, needed["people"])
    check_frame(frames.contacts, schemas.CONTACTS)
    check_frame(frames.taken, schemas.TAKEN)
    check_frame(frames.holds, schemas.HOLDS)


def _check_keys(cases: pl.DataFrame, column: str, given: Mapping[str, object]) -> None:
    unknown = sorted(set(cases[column].unique().to_list()) - set(given))
    if unknown:
        raise FrameError(f"frame cases, column {column}: found {unknown[0]!r}, which was not given to decide")


def _with_person(cases: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    flags = [name for name, kind in people.schema.items() if kind == pl.Boolean]
    joined = cases.join(people, on=["party_id", "creditor_id"], how="left", maintain_order="left")
    return joined.with_columns(pl.col(flags).fill_null(value=False))


def _with_stage(
    cases: pl.DataFrame, strategy: Strategy, exponents: tuple[int, ...], as_of: date
) -> pl.DataFrame:
    """The last stage whose entry holds and exit does not; else the stage it was in, unless its exit holds."""
    stays = pl.col("stage")
    for stage in strategy.stages:
        leaves = (pl.col("stage") == stage.key) & condition(stage.exit, exponents)
        stays = pl.when(leaves).then(pl.lit(None, pl.String)).otherwise(stays)
    found = stays
    for stage in strategy.stages:
        enters = condition(stage.entry, exponents) & ~condition(stage.exit, exponents)
        found = pl.when(enters).then(pl.lit(stage.key)).otherwise(found)
    cases = cases.with_columns(pl.col("stage").alias("stage_before"), found.alias("stage"))
    is_new = pl.col("stage").ne_missing(pl.col("stage_before"))
    renewed = []
    if "stage_since" in cases.columns:
        renewed.append(
            pl.when(is_new).then(pl.lit(as_of)).otherwise(pl.col("stage_since")).alias("stage_since")
        )
    if "days_in_stage" in cases.columns:
        renewed.append(
            pl.when(is_new).then(pl.lit(0, pl.Int64)).otherwise("days_in_stage").alias("days_in_stage")
        )
    return cases.with_columns(renewed)
