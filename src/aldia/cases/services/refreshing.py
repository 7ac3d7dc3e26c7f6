"""The figures of cases follow the ledger: opened, refreshed, cured, closed. Only what changed is written."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final

import polars as pl
from django.db import connection, transaction

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.cases import figures
from aldia.cases.facts import accounts_without_case, partitions, through_cases
from aldia.cases.models import Case, CaseBalance, CaseTotal, StageChange
from aldia.cases.rules import attention_rules
from aldia.cases.steps import DONE
from aldia.cases.totals import among, entering, fold, moving
from aldia.db.frames import Rows, read_frame, update_from_frame, write_frame
from aldia.db.hands import side_by_side
from aldia.db.pace import LONGEST_SECONDS, Pace, paced, pieces
from aldia.db.partitions import CASES_AT_ONCE, Partition, within
from aldia.ledger import facts as ledger
from aldia.ledger import selectors as ledger_selectors
from aldia.parties import facts as parties
from aldia.parties.names import folded


class NobodyToHold(Exception):
    """The organisation has no team: no case could have somebody responsible."""


@dataclass(frozen=True)
class Changed:
    """How many cases were looked at, changed in any way, entered arrears, were cured, opened and closed.

    `settled`: the ids of the cured and the closed, where there is nothing left to claim.
    """

    cases: int = 0
    changed: int = 0
    entered: int = 0
    cured: int = 0
    opened: int = 0
    closed: int = 0
    settled: tuple[int, ...] = ()

    def plus(self, other: "Changed") -> "Changed":
        """Return both counts together."""
        return Changed(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def open_missing(
    *,
    actor: Actor,
    as_of: date,
    now: datetime,
    account_ids: Iterable[int] | None = None,
    longest: float = LONGEST_SECONDS,
) -> int:
    """Open a case for every account (of these, when given) that has none, with its figures of the day; return how many.

    A case belongs from its first moment to the portfolio's owner or team, else to the organisation's first team.
    `longest`: the seconds that one of its transactions may take on SQLite. Raises NobodyToHold.
    """
    missing = accounts_without_case(actor.organisation_id, account_ids)
    if missing.is_empty():
        return 0
    side_by_side(partial(_open, actor, as_of, now, Pace(longest)), list(missing.iter_slices(CASES_AT_ONCE)))
    fold(actor.organisation_id)
    _record(actor, "cases.open", now, {"cases": missing.height})
    return missing.height


def _open(actor: Actor, as_of: date, now: datetime, pace: Pace, missing: pl.DataFrame) -> None:
    heads = _first_heads(actor, missing, as_of)
    rows = _balances(
        actor.organisation_id, as_of, heads, case_ids=missing["case_id"].to_list(), partition=None
    )
    after = figures.advance(heads, rows, as_of=as_of, rules=attention_rules(actor))
    after = after.join(heads.select("case_id", *_OPENING), on="case_id", maintain_order="left")
    opening = _Opening(actor, after, rows, as_of, now)
    for part in pace.in_turns(opening.parts(pace)):
        opening.write(part)


def refresh(*, actor: Actor, case_ids: Iterable[int] | None, as_of: date, now: datetime) -> Changed:
    """Bring the figures of these cases (all, when None) to what the ledger says at the end of `as_of`.

    Entering arrears begins a cycle; a cured case goes back to the first stage with its next step; one that owes nothing
    closes, and opens again with new debt. The same again changes nothing.
    """
    if case_ids is not None:
        ids = sorted(set(case_ids))
        with transaction.atomic():
            return _refresh(actor, as_of, now, case_ids=ids, partition=None) if ids else Changed()
    result = Changed()
    for partition in partitions(actor.organisation_id, has_closed=True):
        result = result.plus(_refresh(actor, as_of, now, case_ids=None, partition=partition))
    fold(actor.organisation_id)
    if result.changed:
        _record(actor, "cases.refresh", now, {"as_of": as_of.isoformat(), "changed": result.changed})
    return result


def _refresh(
    actor: Actor, as_of: date, now: datetime, *, case_ids: list[int] | None, partition: Partition | None
) -> Changed:
    organisation_id = actor.organisation_id
    before = _heads(organisation_id, case_ids, partition)
    rows = _balances(organisation_id, as_of, before, case_ids=case_ids, partition=partition)
    after = figures.advance(before, rows, as_of=as_of, rules=attention_rules(actor))
    money = _changed_balances(organisation_id, rows, case_ids, partition)
    numbers = figures.changed(before, after, figures.FIGURES)
    moves = figures.changed(before, after, figures.TRANSITIONS)
    touched = pl.concat([money, numbers["case_id"], moves["case_id"]]).unique().sort().to_frame("case_id")
    changes = (rows.join(money.to_frame("case_id"), on="case_id", how="semi"), numbers, moves)
    for part in paced(touched):
        _write(actor, part, changes, before, as_of, now)
    cured, closed = after["is_cured"], before["is_open"] & ~after["is_open"]
    return Changed(
        cases=before.height, changed=touched.height, entered=int(after["is_entering"].sum()), cured=int(cured.sum()),
        opened=int((after["is_open"] & ~before["is_open"]).sum()), closed=int(closed.sum()),
        settled=tuple(after.filter(cured | closed)["case_id"]),
    )  # fmt: skip


_OPENING: Final = ("party_id", "creditor_id", "debtor_name", "team_id", "holder_id", "opened_on")


def _first_heads(actor: Actor, missing: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What a case is before it has figures: closed, without debt."""
    owners = _owners(actor)
    people = (missing["party_id"][0], missing["party_id"][-1])
    names = parties.names_frame(actor.organisation_id, partition=people).rename({"name": "debtor_name"})
    start = {
        "is_open": pl.lit(False), "stage": pl.lit(figures.FIRST_STAGE), "stage_since_on": pl.lit(as_of),
        "next_step": pl.lit(DONE), "next_on": pl.lit(as_of), "promise_state": pl.lit("none"),
    }  # fmt: skip
    heads = missing.join(names, on="party_id", maintain_order="left").join(
        owners, on="portfolio_id", maintain_order="left"
    )
    heads = heads.with_columns(**start)
    for name, dtype in figures.HEAD_COLUMNS.items():
        if name not in heads.columns:
            heads = heads.with_columns(pl.lit(0 if dtype == pl.Int64 else None, dtype).alias(name))
    return heads.select(*figures.HEAD_COLUMNS, *_OPENING)


def _owners(actor: Actor) -> pl.DataFrame:
    """Who answers for new cases, by portfolio: its owner, its team (`settings["team"]`, a key), or the first team."""
    teams = {team.key: team.pk for team in access.teams(actor) if team.kind == "own"}
    if not teams:
        raise NobodyToHold(f"organisation {actor.organisation_id} has no team: add one before opening cases")
    first = min(teams.values())
    rows = [
        (row.pk, row.currency, teams.get(row.settings.get("team", ""), first), row.owner_id)
        for row in ledger_selectors.portfolios(actor)
    ]
    schema = {"portfolio_id": pl.Int64, "currency": pl.String, "team_id": pl.Int64, "holder_id": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


_Part = tuple[list[tuple[Rows, int, int]], pl.DataFrame]
"""Some cases, made ready: where their rows are in each table, and what they add to the totals."""


class _Opening:
    """New cases with their balances and history, made ready before the short transactions that write them."""

    def __init__(
        self, actor: Actor, after: pl.DataFrame, balances: pl.DataFrame, as_of: date, now: datetime
    ) -> None:
        of_organisation = {"organisation_id": pl.lit(actor.organisation_id, pl.Int64)}
        self.cases = after.sort("case_id").with_columns(**of_organisation)
        own = balances.join(after, on="case_id", how="semi").sort("case_id")
        self._balances = own.with_columns(**of_organisation)
        history = _history(actor, after.filter("is_entering"), after, as_of, now).sort("case_id")
        self._rows = (
            Rows(Case, _first_rows(self.cases, as_of), self.cases["case_id"]),
            Rows(CaseBalance, self._balances, self._balances["case_id"]),
            Rows(StageChange, history, history["case_id"]),
        )

    def parts(self, pace: Pace) -> Iterator[tuple[int, _Part]]:
        """Return the cases in parts, made ready with what is theirs."""
        for begin, length in pieces(self.cases.height, pace):
            part = self.cases.slice(begin, length)
            first, last = part["case_id"][0], part["case_id"][-1]
            own = [(rows, *_between(rows.parties, first, last)) for rows in self._rows]
            for rows, at, count in own:
                rows.ready(at, count)
            balances = self._balances.slice(*_between(self._balances["case_id"], first, last))
            yield length, (own, entering(part, balances))

    def write(self, part: _Part) -> None:
        """Write a part."""
        own, totals = part
        for rows, begin, length in own:
            rows.write(begin, length)
        write_frame(CaseTotal, totals)


def _between(ids: pl.Series, first: int, last: int) -> tuple[int, int]:
    """Where the ids from the first to the last are among these, which are in order: begin and length."""
    begin = bisect_left(ids, first)
    return begin, bisect_right(ids, last) - begin


def _first_rows(cases: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return cases.select(
        *figures.FIGURES,
        *figures.TRANSITIONS,
        *_OPENING,
        "portfolio_id",
        "currency",
        "promise_state",
        "organisation_id",
        account_id="case_id",
        debtor_folded=folded("debtor_name").str.slice(0, 60),
        figures_on=pl.lit(as_of),
        last_outcome=pl.lit(""),
        has_dispute=pl.lit(False),
    )


def _heads(organisation_id: int, case_ids: list[int] | None, partition: Partition | None) -> pl.DataFrame:
    columns = ", ".join("account_id" if name == "case_id" else name for name in figures.HEAD_COLUMNS)
    sql, params = f"SELECT {columns} FROM cases_case WHERE organisation_id = %s", [organisation_id]
    if case_ids is not None:
        sql = f"{sql} AND {among('account_id', case_ids)} ORDER BY account_id"
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # COPY cannot lock
                cursor.execute(
                    f"SELECT 1 FROM cases_case WHERE {among('account_id', case_ids)} ORDER BY account_id FOR UPDATE"
                )
    elif partition is not None:
        mine, among_them = within("party_id", partition)
        sql, params = f"{sql}{mine} ORDER BY account_id", [*params, *among_them]
    return read_frame(sql, params, figures.HEAD_COLUMNS)


def _balances(
    organisation_id: int,
    as_of: date,
    heads: pl.DataFrame,
    *,
    case_ids: list[int] | None,
    partition: Partition | None,
) -> pl.DataFrame:
    documents = ledger.owed_frame(organisation_id, as_of=as_of, case_ids=case_ids, partition=partition)
    unapplied = ledger.unapplied_frame(organisation_id, as_of=as_of, case_ids=case_ids, partition=partition)
    return figures.balances(documents, unapplied, heads.select("case_id", "currency"), as_of=as_of)


def _changed_balances(
    organisation_id: int, rows: pl.DataFrame, case_ids: list[int] | None, partition: Partition | None
) -> pl.Series:
    """The cases some of whose balances are not as stored."""
    source, where, params = through_cases("cases_casebalance", organisation_id, partition)
    if case_ids is not None:
        where = f"{where} AND {among('t.case_id', case_ids)}"
    columns = ", ".join(f"t.{name}" for name in figures.BALANCE_COLUMNS)
    stored = read_frame(f"SELECT {columns} FROM {source} WHERE {where}", params, figures.BALANCE_COLUMNS)
    both = list(figures.BALANCE_COLUMNS)
    new = rows.join(stored, on=both, how="anti", nulls_equal=True)
    gone = stored.join(rows, on=both, how="anti", nulls_equal=True)
    return pl.concat([new["case_id"], gone["case_id"]]).unique()


_Changes = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def _write(
    actor: Actor, part: pl.DataFrame, changes: _Changes, before: pl.DataFrame, as_of: date, now: datetime
) -> None:
    """One short transaction: figures apart from transitions, so that a plan that somebody writes meanwhile is not undone."""
    money, numbers, moves = (frame.join(part, on="case_id", how="semi") for frame in changes)
    with moving(actor.organisation_id, part["case_id"].to_list()):
        columns = [*figures.FIGURES, "figures_on"]
        frame = numbers.with_columns(account_id="case_id", figures_on=pl.lit(as_of))
        update_from_frame(Case, frame, key="account_id", columns=columns)
        frame = moves.with_columns(account_id="case_id")
        update_from_frame(Case, frame, key="account_id", columns=figures.TRANSITIONS)
        _put_balances(actor.organisation_id, money)
        write_frame(StageChange, _history(actor, moves, before, as_of, now))


def _put_balances(organisation_id: int, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM cases_casebalance WHERE {among('case_id', rows['case_id'].unique().to_list())}"
        )
    write_frame(CaseBalance, rows.with_columns(organisation_id=pl.lit(organisation_id, pl.Int64)))


def _history(
    actor: Actor, moves: pl.DataFrame, before: pl.DataFrame, as_of: date, now: datetime
) -> pl.DataFrame:
    """The history of cycles entered and stages left by being cured."""
    both = moves.join(before.select("case_id", was_stage="stage", was_cycle="cycle"), on="case_id")
    text = pl.String
    entered = both.filter("is_entering").select(
        "case_id", field=pl.lit("cycle"), before=(pl.col("cycle") - 1).cast(text), after=pl.col("cycle").cast(text),
        reason=pl.lit("arrears"),
    )  # fmt: skip
    cured = both.filter(pl.col("stage") != pl.col("was_stage")).select(
        "case_id", field=pl.lit("stage"), before="was_stage", after="stage", reason=pl.lit("cured")
    )
    common = {
        "organisation_id": pl.lit(actor.organisation_id, pl.Int64),
        "on": pl.lit(as_of),
        "at": pl.lit(now),
        "actor": pl.lit(actor.label),
    }
    return pl.concat([entered, cured]).with_columns(**common)


def _record(actor: Actor, verb: str, now: datetime, data: dict[str, object]) -> None:
    with transaction.atomic():
        audit.record(
            actor=actor,
            verb=verb,
            object_type="organisation",
            object_id=actor.organisation_id,
            now=now,
            data=data,
        )
