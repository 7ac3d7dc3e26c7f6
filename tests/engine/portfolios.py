"""Invented portfolios for the tests of decide(): small and twisted for Hypothesis, large and plain for timing."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from aldia.domain.calendars import Calendar
from aldia.engine import frames as f
from aldia.engine.contact_rules import CHANNELS, DayCap, DayPolicy
from aldia.engine.frames import Frames
from aldia.engine.reach import REACH_FACTS
from aldia.engine.strategy_reading import load_strategy
from aldia.engine.vocabulary import FACTS

AS_OF = date(2026, 11, 23)
WORDS = {"es": "x", "en": "x", "pt": "x"}


def _step(
    key: str, grain: str, anchor: str, offset: int, action: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "key": key,
        "name": WORDS,
        "grain": grain,
        "anchor": anchor,
        "offset": offset,
        "action": action,
        **more,
    }


def notice(*channels: str, **more: Any) -> dict[str, Any]:
    return {"kind": "notice", "template": "t", "channels": list(channels), **more}


def task(kind: str = "call") -> dict[str, Any]:
    return {"kind": "task", "task": kind, "title": WORDS}


MIXED = load_strategy(
    {
        "format": 1,
        "key": "mixed",
        "version": 3,
        "name": WORDS,
        "description": WORDS,
        "always": [
            _step("courtesy", "document", "due_on", -3, notice("email", "sms"), lateness=2),
            _step("soft", "document", "due_on", 2, notice("email", "whatsapp", "sms", by_reach=True), condition="NOT is_disputed"),
            _step("firm", "document", "due_on", 7, notice("whatsapp", "email"), priority=70, attempts=2),
            _step("remind", "case", "promise_due_on", -1, notice("sms", "email"), lateness=2, priority=80,
                  condition="promise_state = 'open'", through_holds=["promise"]),
        ],
        "stages": [
            {"key": "early", "name": WORDS, "steps": [
                _step("call", "case", "arrears_since", 2, task(), unit="business", condition="overdue >= 10"),
                _step("visit", "case", "arrears_since", 5, task("visit"), unit="business", lateness=3),
                _step("note", "case", "due_on", 1, notice("letter", "email", by_reach=True), condition="overdue > 5", lateness=6),
            ]},
            {"key": "late", "name": WORDS, "entry": "dpd > 6 OR overdue > 60", "exit": "promise_state = 'kept'", "steps": [
                _step("bell", "case", "stage_since", 1, {"kind": "alarm", "alarm": "no_contact"},
                      condition="days_since_contact > 2 OR days_since_contact IS NULL"),
                _step("give", "case", "stage_since", 2, {"kind": "assign", "to": "agency", "holder": "norte"}),
                _step("trial", "case", "stage_since", 3, {"kind": "webhook", "event": "trial"},
                      condition="experiment_arm <> 'champion'"),
                _step("paper", "document", "due_on", 4, task("paper"), condition="experiment_arm <> 'champion' AND dpd > 1"),
                _step("offer", "case", "arrears_since", 6, {**notice("email", "sms"), "kind": "offer", "policy": "quita"}),
                _step("bureau", "case", "arrears_since", 7, {**notice("letter"), "kind": "bureau", "days": 20}),
                _step("fee", "case", "arrears_since", 3, {"kind": "fee", "percent": 5}, condition="overdue > 5"),
                _step("cut", "case", "arrears_since", 8, {"kind": "suspend", "service": "line"}, through_holds=["plan"]),
                _step("tell", "case", "next_due_on", -2, {"kind": "webhook", "event": "soon_due"}, lateness=4),
                _step("give_up", "case", "arrears_since", 12, {"kind": "write_off"}, condition="overdue < 60"),
                _step("move", "case", "arrears_since", 9, {"kind": "stage", "to": "gone"}, condition="dpd > 8"),
            ]},
            {"key": "gone", "name": WORDS, "entry": "dpd > 11 AND has_phone", "steps": []},
        ],
    }
)  # fmt: skip

CALENDARS = {
    "ar": Calendar(holidays=frozenset({AS_OF - timedelta(days=4), AS_OF - timedelta(days=10)})),
    "ae": Calendar(closed_weekdays=frozenset({4, 5})),
}
_WEEK = AS_OF - timedelta(days=6)
POLICIES = {
    "strict": DayPolicy(
        closed=frozenset({"sms"}),
        caps=(
            DayCap("DAY", 1, AS_OF),
            DayCap("WEEK", 2, _WEEK, scope="creditor", channels=("email", "whatsapp"), counts_attempts=False),
        ),
    ),
    "loose": DayPolicy(
        caps=(DayCap("CASE", 2, _WEEK, scope="case", is_pooled=False), DayCap("ALL", 3, _WEEK))
    ),
    "asking": DayPolicy(opt_in=frozenset({"email", "sms"})),
    "none": DayPolicy(),
}


def default_case(case_id: int, **given: Any) -> dict[str, Any]:
    """A case row with an innocent value in every column."""
    plain = {"int": 0, "money": 0, "text": "x", "bool": False, "date": None}
    row: dict[str, Any] = {
        column.name: (plain[FACTS[column.name].type] if column.name in FACTS and not column.null else None)
        for column in f.CASES.columns
    }
    base = {
        "case_id": case_id, "party_id": case_id, "portfolio_id": 1, "creditor_id": 1, "calendar": "ar",
        "policy": "none", "managed_since": AS_OF, "currency": "USD", "cycle": 1,
        "promise_state": "none", "plan_state": "none", "stage": "early",
    }  # fmt: skip
    return row | base | given


def default_document(document_id: int, case_id: int, due_on: date, **given: Any) -> dict[str, Any]:
    """An open document, overdue or not."""
    days = (AS_OF - due_on).days
    base = {
        "document_id": document_id, "case_id": case_id, "managed_since": AS_OF,
        "document_kind": "invoice", "number": f"A-{document_id}", "document_dpd": max(days, 0),
        "days_to_due": max(-days, 0), "due_on": due_on, "issued_on": None, "document_open": 100_00,
        "document_original": 100_00, "is_disputed": False, "has_file": True,
    }  # fmt: skip
    return base | given


def default_person(
    party_id: int, creditor_id: int = 1, *, can: tuple[str, ...] = ("email",), **given: Any
) -> dict[str, Any]:
    """A person with the given usable channels, no opt-out and no consent."""
    base: dict[str, Any] = {
        "party_id": party_id, "creditor_id": creditor_id, "has_email": "email" in can, "has_phone": "call" in can,
        "has_whatsapp": "whatsapp" in can, "has_address": "letter" in can, "language": None, "timezone": None,
        "experiment_arm": None,
    }  # fmt: skip
    base |= {f"can_{name}": name in can for name in CHANNELS} | {
        f"{way}_{name}": False for way in ("out", "yes") for name in CHANNELS
    }
    base |= dict.fromkeys(REACH_FACTS, 0)
    return base | given


def frames_of(
    cases: list[dict[str, Any]],
    documents: list[dict[str, Any]] = (),
    people: list[dict[str, Any]] = (),
    **more: Any,
) -> Frames:
    """Frames of the given rows; contacts, taken and holds are empty unless given."""
    rows = {
        "cases": cases,
        "documents": documents,
        "people": people,
        "contacts": [],
        "taken": [],
        "holds": [],
    } | more
    schemas = {
        schema.name: schema for schema in (f.CASES, f.DOCUMENTS, f.PEOPLE, f.CONTACTS, f.TAKEN, f.HOLDS)
    }
    return Frames(
        **{
            name: pl.DataFrame(list(given), schema=schemas[name].dtypes, orient="row")
            for name, given in rows.items()
        }
    )


days_back = st.integers(-4, 14).map(lambda days: AS_OF - timedelta(days=days))
maybe = st.one_of


def _chance(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


_reached = st.sampled_from(
    [(0, 0), (0, 3), (1, 3), (2, 6), (2, 2), (3, 4), (3, 9)]
).flatmap(lambda first: st.fixed_dictionaries({
    "reached_email": st.just(first[0]), "tries_email": st.just(first[1]),
    "reached_whatsapp": st.integers(0, 3), "tries_whatsapp": st.integers(3, 6), "reached_sms": st.integers(0, 2),
    "tries_sms": st.sampled_from([2, 3]), "reached_letter": st.integers(0, 1), "tries_letter": st.just(3),
}))  # fmt: skip
"""How some channels reached a person: shares that tie, and histories that are too thin."""


@st.composite
def portfolios(draw: st.DrawFn) -> Frames:
    """Up to six cases of up to three people, with holds, history, steps taken, several currencies and policies."""
    case_rows = []
    for case_id in range(1, draw(st.integers(1, 6)) + 1):
        case_rows.append(default_case(
            case_id, party_id=draw(st.integers(1, 3)), creditor_id=draw(st.integers(1, 2)),
            calendar=draw(st.sampled_from(sorted(CALENDARS))), policy=draw(st.sampled_from(sorted(POLICIES))),
            managed_since=draw(days_back), currency=draw(st.sampled_from(["USD", "CLP", "KWD"])),
            cycle=draw(st.integers(1, 2)), stage=draw(st.sampled_from([None, "early", "late", "gone", "elsewhere"])),
            stage_since=draw(_chance(days_back)), arrears_since=draw(_chance(days_back)),
            oldest_due_on=draw(_chance(days_back)), next_due_on=draw(_chance(days_back)), promise_due_on=draw(_chance(days_back)),
            promise_state=draw(st.sampled_from(["none", "open", "kept", "broken"])), dpd=draw(st.integers(0, 14)),
            overdue=draw(_chance(st.sampled_from([0, 5, 6, 10, 60, 61, 550, 551, 1000, 6001, 60_001]))),
            days_since_contact=draw(_chance(st.integers(0, 5))), priority=draw(_chance(st.integers(0, 100))),
        ))  # fmt: skip
    ids = [row["case_id"] for row in case_rows]
    documents = [
        default_document(number, draw(st.sampled_from(ids)), draw(days_back), managed_since=draw(days_back),
                         is_disputed=draw(st.booleans()))
        for number in range(101, 101 + draw(st.integers(0, 8)))
    ]  # fmt: skip
    people = [
        default_person(party, creditor, can=tuple(draw(st.sets(st.sampled_from(CHANNELS)))),
                       out_email=draw(st.booleans()), out_sms=draw(st.booleans()), yes_email=draw(st.booleans()),
                       experiment_arm=draw(st.sampled_from([None, "champion", "challenger", "control"])),
                       **draw(_reached))
        for party in (1, 2, 3) for creditor in (1, 2) if draw(st.integers(0, 5))
    ]  # fmt: skip
    return frames_of(
        case_rows,
        documents,
        people,
        contacts=draw(_contacts(ids)),
        taken=draw(_taken(ids)),
        holds=draw(_holds(ids)),
    )


def _contacts(ids: list[int]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(
        st.fixed_dictionaries({
            "party_id": st.integers(1, 3), "case_id": _chance(st.sampled_from(ids)),
            "creditor_id": _chance(st.integers(1, 2)), "channel": st.sampled_from(CHANNELS),
            "on": st.integers(-1, 9).map(lambda days: AS_OF - timedelta(days=days)), "is_contact": st.booleans(),
        }),
        max_size=4,
    )  # fmt: skip


@st.composite
def _taken(draw: st.DrawFn, ids: list[int]) -> list[dict[str, Any]]:
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        step = draw(st.sampled_from([*MIXED.steps, None]))
        grain = "case" if step is None else step.grain
        rows.append({
            "strategy": draw(st.sampled_from(["mixed", "mixed", "other"])), "subject_kind": grain,
            "step": "stage:late" if step is None else step.key,
            "subject_id": draw(st.sampled_from(ids if grain == "case" else [101, 102, 103])),
            "cycle": 1 if grain == "document" else draw(st.integers(1, 2)), "attempt": draw(st.integers(1, 2)),
            "anchor_on": draw(_chance(days_back)),
            "state": draw(st.sampled_from(["take", "withheld", "missed", "failed"])),
        })  # fmt: skip
    return rows


def _holds(ids: list[int]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(
        st.fixed_dictionaries({
            "case_id": st.sampled_from(ids), "document_id": _chance(st.integers(101, 104)),
            "kind": st.sampled_from(["promise", "dispute", "plan"]),
            "until_on": _chance(st.integers(-2, 2).map(lambda days: AS_OF - timedelta(days=days))),
        }),
        max_size=3,
    )  # fmt: skip
