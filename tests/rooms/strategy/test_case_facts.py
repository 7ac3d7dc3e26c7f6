"""Every fact of the vocabulary is delivered for every case, with its type, and says what a person would count by hand."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.cases import services as cases
from aldia.engine.frames import CASES, PEOPLE, check_frame
from aldia.engine.vocabulary import FACTS, facts_of
from aldia.strategy.night import asked
from aldia.strategy.night.gathering import case_facts
from tests.rooms.strategy.conftest import BEGIN, NOW, World

EVERYTHING = frozenset(FACTS)


def facts(world: World, *needed: str) -> dict[str, dict[str, Any]]:
    """The facts of each client by name."""
    frame = case_facts(world.organisation.pk, as_of=BEGIN, needed=needed or EVERYTHING)
    rows = {row["case_id"]: row for row in frame.iter_rows(named=True)}
    return {who: rows[case_id] for who, case_id in world.clients.items()}


DAYS = st.integers(-2, 45).map(lambda days: BEGIN - timedelta(days=days))
TOUCHES = st.lists(st.fixed_dictionaries({
    "case_id": st.integers(1, 2), "on": DAYS, "channel": st.sampled_from(["call", "email"]), "is_contact": st.booleans(),
    "is_right_party": st.booleans(), "is_inbound": st.booleans(),
}), max_size=12)  # fmt: skip
DOCUMENTS = st.lists(st.fixed_dictionaries({
    "case_id": st.integers(1, 2), "document_dpd": st.integers(-12, 4), "document_open": st.one_of(st.none(), st.integers(1, 9)),
    "document_kind": st.sampled_from(["cheque", "promissory_note", "instalment", "invoice"]), "is_disputed": st.booleans(),
    "prescribes_on": st.one_of(st.none(), DAYS),
}), max_size=6)  # fmt: skip


def sources(rows: dict[str, list[dict[str, Any]]], on: date) -> asked.Sources:
    types = {
        "touches": {"case_id": pl.Int64, "on": pl.Date, "channel": pl.String, "is_contact": pl.Boolean,
                    "is_right_party": pl.Boolean, "is_inbound": pl.Boolean},
        "documents": {"case_id": pl.Int64, "document_dpd": pl.Int64, "document_open": pl.Int64, "document_kind": pl.String,
                      "is_disputed": pl.Boolean, "prescribes_on": pl.Date},
    }  # fmt: skip
    frames = {name: pl.DataFrame(rows.get(name, []), schema=types[name], orient="row") for name in types}
    cases_of = pl.DataFrame({"case_id": [1, 2]})
    return asked.Sources(1, on, None, cases_of, frames["documents"], frames["touches"], pl.DataFrame())


@settings(deadline=None, max_examples=60)
@given(TOUCHES, st.integers(0, 30).map(lambda days: BEGIN + timedelta(days=days)))
def test_contacts_are_counted_as_a_person_counts_them(rows: list[dict[str, Any]], on: date) -> None:
    needed = (
        "contacts_week",
        "contacts_month",
        "calls_30d",
        "inbound_30d",
        "right_party_30d",
        "attempts_month",
    )
    told = asked.with_asked(sources({"touches": rows}, on), needed)
    for case in told.iter_rows(named=True):
        own = [row for row in rows if row["case_id"] == case["case_id"] and row["on"] <= on]
        recent = [row for row in own if (on - row["on"]).days < 30]
        month = [row for row in own if (row["on"].year, row["on"].month) == (on.year, on.month)]
        week = [row for row in own if row["on"].isocalendar()[:2] == on.isocalendar()[:2]]
        assert case["contacts_week"] == sum(row["is_contact"] for row in week)
        assert case["contacts_month"] == sum(row["is_contact"] for row in month)
        assert case["attempts_month"] == sum(not row["is_inbound"] for row in month)
        assert case["calls_30d"] == sum(row["channel"] == "call" and not row["is_inbound"] for row in recent)
        assert case["inbound_30d"] == sum(row["is_inbound"] for row in recent)
        assert case["right_party_30d"] == sum(row["is_right_party"] for row in recent)


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS)
def test_documents_are_added_up_as_a_person_does(rows: list[dict[str, Any]]) -> None:
    told = asked.with_asked(sources({"documents": rows}, BEGIN), ("due_7d", "largest_document"))
    for case in told.iter_rows(named=True):
        own = [row for row in rows if row["case_id"] == case["case_id"]]
        soon = [row for row in own if -7 <= row["document_dpd"] <= 0]
        amounts, due = ([row["document_open"] for row in some] for some in (own, soon))
        assert case["due_7d"] == (None if None in due else sum(due))
        assert case["largest_document"] == (None if None in amounts else max(amounts, default=None))
        assert case["documents_due_7d"] == len(soon)
        assert case["cheques_open"] == sum(row["document_kind"] == "cheque" for row in own)
        overdue = [row for row in own if row["document_kind"] == "instalment" and row["document_dpd"] > 0]
        assert case["instalments_overdue"] == len(overdue)
        left = [(row["prescribes_on"] - BEGIN).days for row in own if row["prescribes_on"]]
        assert case["days_to_prescription"] == min(left, default=None)


@pytest.fixture
def owing(world: World) -> World:
    world.owes("ana", 9_000, due=BEGIN - timedelta(days=3))
    world.owes("ana", 1_000, due=BEGIN + timedelta(days=5))
    world.owes("luis", 5_000, due=BEGIN + timedelta(days=40))
    world.opens()
    return world


def test_every_fact_of_a_case_and_its_person_is_delivered_with_its_type(owing: World) -> None:
    frame = case_facts(owing.organisation.pk, as_of=BEGIN, needed=EVERYTHING)
    keys = [fact.key for grain in ("case", "person") for fact in facts_of(grain)]
    dtypes = {**CASES.dtypes, **PEOPLE.dtypes}
    told = frame.select(pl.col(key).cast(dtypes[key]) for key in keys)
    check_frame(told, CASES, [key for key in keys if key in CASES.dtypes])
    check_frame(told, PEOPLE, [key for key in keys if key in PEOPLE.dtypes])
    assert frame.height == 2


@pytest.mark.parametrize(("who", "told"), [
    ("ana", {
        "overdue_percent": 90, "largest_document": 9_000, "due_7d": 1_000, "documents_due_7d": 1, "days_to_next_due": 5,
        "cheques_open": 0, "documents_disputed": 0, "unapplied": 0, "has_hold": False, "days_to_hold_end": None,
        "days_to_promise": None, "promises_kept_12m": 0, "contacts_30d": 0, "payments_12m": 0, "paid_30d": 0, "weekday": 1,
        "day_of_month": 2, "days_as_client": 0, "can_email": True, "can_sms": False, "out_email": False,
    }),
    ("luis", {"overdue_percent": 0, "largest_document": 5_000, "due_7d": 0, "documents_due_7d": 0, "days_to_next_due": 40}),
])  # fmt: skip
def test_facts_of_documents_and_of_the_day(owing: World, who: str, told: dict[str, Any]) -> None:
    row = facts(owing)[who]
    assert {key: row[key] for key in told} == told


def test_facts_of_money_that_came(owing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owing.pays("ana", 9_500, on=BEGIN)
    case_id = owing.clients["ana"]
    on_account = pl.DataFrame(
        {"case_id": [case_id, case_id], "currency": ["USD", "EUR"], "amount_minor": [70, 80]}
    )
    monkeypatch.setattr(asked.ledger, "unapplied_frame", lambda *_args, **_more: on_account)
    told = facts(owing, "paid_30d", "unapplied")
    assert [told["ana"][key] for key in ("paid_30d", "payments_12m", "last_payment", "unapplied")] == [
        9_500,
        1,
        9_500,
        70,
    ]
    assert [told["luis"][key] for key in ("paid_30d", "payments_12m", "last_payment", "unapplied")] == [
        0,
        0,
        None,
        0,
    ]


def test_facts_of_pauses(owing: World) -> None:
    case_id = owing.clients["ana"]
    hold = cases.HoldDraft("manual", BEGIN, BEGIN + timedelta(days=9), source="test")
    cases.place_hold(actor=owing.actor, case_id=case_id, hold=hold, now=NOW)
    told = facts(owing, "has_hold", "days_to_hold_end")
    assert (told["ana"]["has_hold"], told["ana"]["days_to_hold_end"]) == (True, 9)
    assert told["luis"]["has_hold"] is False


def test_what_no_rule_asks_for_is_not_read(owing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: Any, **_more: Any) -> None:
        raise AssertionError("was read")

    monkeypatch.setattr(asked.ledger, "payments_frame", never)
    monkeypatch.setattr(asked.ledger, "unapplied_frame", never)
    monkeypatch.setattr(asked.outcomes, "outcome_facts", never)
    told = facts(owing, "dpd", "overdue", "promise_state")
    assert "weekday" not in told["ana"]


def test_every_fact_that_is_asked_for_is_told_by_one_part_alone() -> None:
    told = [key for part in asked._PARTS for key in part.facts]
    assert len(told) == len(set(told))
    assert set(told) <= set(FACTS)
