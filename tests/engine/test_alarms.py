"""Alarms over whole tables are those that the rule gives case by case."""

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.alarms import AlarmFacts, Dated, Thresholds
from aldia.domain.alarms import due_alarms as due_of_one
from aldia.domain.calendars import Calendar
from aldia.engine.alarms import ALARMS, HEADS, THINGS, due_alarms

TODAY = date(2026, 11, 20)
LISTS = [one.name for one in fields(AlarmFacts)][3:]
DAYS = st.integers(-120, 120).map(lambda days: TODAY + timedelta(days=days))
EDGES = st.sampled_from([-16, -15, -4, -3, -1, 0, 1, 3, 4, 90, 91]).map(
    lambda days: TODAY + timedelta(days=days)
)
THING = st.tuples(
    st.sampled_from(LISTS), st.one_of(DAYS, EDGES), st.sampled_from([99_999, 100_000]), st.sampled_from(["USD", "CLP"])
)  # fmt: skip
CASE = st.tuples(
    st.none() | st.one_of(DAYS, EDGES), st.none() | st.one_of(DAYS, EDGES), st.lists(THING, max_size=5)
)
LIMITS = st.builds(
    Thresholds,
    promise_days_ahead=st.integers(0, 3),
    no_contact_days=st.integers(1, 20),
    large_debt_minor=st.sampled_from([{}, {"USD": 100_000}]),
    cheque_business_days_ahead=st.integers(0, 2),
    calendar=st.just(Calendar(holidays=frozenset({TODAY + timedelta(days=3)}))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CASE, max_size=6), LIMITS)
def test_the_table_says_what_the_rule_says_of_each_case(
    cases: list[tuple[date | None, date | None, list[Any]]], limits: Thresholds
) -> None:
    heads, things, expected = [], [], set()
    for case_id, (overdue_since, last_contact_on, told) in enumerate(cases):
        named = [
            (name, f"{name}:{n}", on, minor, currency) for n, (name, on, minor, currency) in enumerate(told)
        ]
        heads.append((case_id, overdue_since, last_contact_on))
        things.extend((case_id, *one) for one in named)
        lists = {name: tuple(Dated(*one[1:]) for one in named if one[0] == name) for name in LISTS}
        facts = AlarmFacts(str(case_id), overdue_since, last_contact_on, **lists)
        expected |= {
            (case_id, one.kind.value, one.subject, one.about_on, one.minor, one.currency)
            for one in due_of_one(facts, limits, TODAY)
        }
    found = due_alarms(
        pl.DataFrame(heads, schema=dict(HEADS), orient="row"), pl.DataFrame(things, schema=dict(THINGS), orient="row"),
        limits, as_of=TODAY,
    )  # fmt: skip
    assert found.columns == list(ALARMS)
    assert sorted(found.rows()) == sorted(expected)
