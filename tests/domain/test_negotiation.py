"""What may be offered, by whom, and what an agreement adds up to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.negotiation import (
    BadPolicy,
    BadProposal,
    Band,
    Breach,
    Debt,
    Level,
    Limit,
    NegotiationPolicy,
    Proposal,
    Verdict,
    from_data,
    judge,
    most_discount,
    offers,
    share_discount,
    sheet_of,
    to_data,
)
from aldia.domain.promises import Every

TODAY = date(2026, 3, 2)
LEVELS = (Level("COLLECTOR", 50, 6, 20), Level("SUPERVISOR", 80, 12, 10), Level("MANAGER", 100, 24, 0))
POLICY = NegotiationPolicy(
    bands=(
        Band(30, "*", 10, 5),
        Band(90, "*", 20, 10),
        Band(1, "late_interest", 100, 50),
    ),
    levels=LEVELS,
    every=(Every.MONTH, Every.FORTNIGHT),
    minimum_minor={"ARS": 50_00},
)
DEBT = Debt({"principal": 1_000_00, "late_interest": 100_00}, 95, "ARS")


def asked(
    discount: int = 0, parts: int = 1, down: int = 0, days: int = 5, every: Every = Every.MONTH
) -> Proposal:
    on = TODAY + timedelta(days)
    return Proposal(discount, parts, on, every, down, TODAY if down else None)


def verdict(proposal: Proposal, role: str = "COLLECTOR", policy: NegotiationPolicy = POLICY) -> Verdict:
    return judge(policy, DEBT, proposal, role=role, as_of=TODAY)


@pytest.mark.covers("S4-45f")
@pytest.mark.parametrize(
    ("days", "at_once", "in_parts"),
    [
        (0, {}, {}),
        (29, {"late_interest": 100_00}, {"late_interest": 50_00}),
        (30, {"principal": 100_00, "late_interest": 100_00}, {"principal": 50_00, "late_interest": 50_00}),
        (95, {"principal": 200_00, "late_interest": 100_00}, {"principal": 100_00, "late_interest": 50_00}),
    ],
)
def test_the_most_that_may_be_taken_off_by_age_and_component(
    days: int, at_once: dict[str, int], in_parts: dict[str, int]
) -> None:
    debt = replace(DEBT, days_late=days)
    assert most_discount(POLICY, debt, is_at_once=True) == at_once
    assert most_discount(POLICY, debt, is_at_once=False) == in_parts


@pytest.mark.covers("S3-59")
def test_offers_of_a_debt_of_1100_at_95_days_for_a_collector() -> None:
    found = offers(POLICY, DEBT, role="COLLECTOR", first_on=TODAY, as_of=TODAY)
    told = [
        (one.proposal.discount_minor, one.proposal.parts, one.proposal.down_minor, one.sheet.total_minor)
        for one in found
    ]
    assert told == [
        (150_00, 1, 0, 950_00),
        (75_00, 2, 205_00, 1_025_00),
        (75_00, 3, 205_00, 1_025_00),
        (75_00, 6, 205_00, 1_025_00),
    ]


@pytest.mark.covers("S3-42b", "S0-18a")
@pytest.mark.parametrize(
    ("proposal", "within", "needs", "limit"),
    [
        (asked(150_00), True, "", None),
        (asked(150_01), False, "SUPERVISOR", Breach(Limit.DISCOUNT, 150_00)),
        (asked(300_00), False, "MANAGER", Breach(Limit.DISCOUNT, 150_00)),
        (asked(300_01), False, "", Breach(Limit.DISCOUNT, 300_00)),
        (asked(parts=6, down=220_00), True, "", None),
        (asked(parts=6, down=219_99), False, "SUPERVISOR", Breach(Limit.DOWN_PAYMENT, 220_00)),
        (asked(parts=7, down=220_00), False, "SUPERVISOR", Breach(Limit.PARTS, 6)),
        (asked(parts=24, down=220_00), False, "", Breach(Limit.INSTALMENT, 50_00)),
        (asked(days=31), False, "", Breach(Limit.FIRST_ON, 30)),
        (asked(parts=2, down=220_00, every=Every.WEEK), False, "", Breach(Limit.EVERY, 0)),
    ],
)
def test_a_proposal_is_within_policy_or_says_who_may_approve_it(
    proposal: Proposal, within: bool, needs: str, limit: Breach | None
) -> None:
    found = verdict(proposal)
    assert (found.is_within, found.needs) == (within, needs)
    assert limit is None or limit in found.breaches


def test_a_discount_falls_first_where_the_largest_share_may_go() -> None:
    assert share_discount(POLICY, DEBT, asked(150_00)) == {"late_interest": 100_00, "principal": 50_00}


def test_interest_of_the_plan_is_that_of_level_instalments() -> None:
    policy = replace(POLICY, yearly_rate=Decimal(24))
    sheet = sheet_of(policy, Debt({"principal": 1_200_00}, 95, "ARS"), asked(parts=3, down=200_00))
    assert [line.amount_minor for line in sheet.lines] == [200_00, 346_75, 346_75, 346_77]
    assert sheet.interest_minor == sheet.total_minor - 1_200_00
    assert [line.due_on for line in sheet.lines][1:] == [date(2026, 3, 7), date(2026, 4, 7), date(2026, 5, 7)]


@pytest.mark.parametrize(
    "proposal", [asked(1_100_00), asked(-1), asked(parts=0), asked(parts=2, down=1_099_99)]
)
def test_what_is_no_plan_is_refused(proposal: Proposal) -> None:
    with pytest.raises(BadProposal):
        sheet_of(POLICY, DEBT, proposal)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": ()},
        {"levels": LEVELS[::-1]},
        {"bands": (Band(0, "*", 101, 0),)},
        {"every": ()},
        {"falls_after": 0},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadPolicy):
        replace(POLICY, **change)  # type: ignore[arg-type]


def test_a_policy_is_kept_as_data_and_read_back_equal() -> None:
    assert from_data(to_data(POLICY)) == POLICY


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1_00, 10_000_00), st.integers(0, 5_000_00), st.integers(0, 400), st.sampled_from([0, 3, 48])
)
def test_every_offer_is_within_its_own_policy_and_adds_up(
    principal: int, late: int, days: int, rate: int
) -> None:
    policy, debt = (
        replace(POLICY, yearly_rate=Decimal(rate)),
        Debt({"principal": principal, "late_interest": late}, days, "ARS"),
    )
    for level in LEVELS:
        for offer in offers(policy, debt, role=level.role, first_on=TODAY, as_of=TODAY):
            assert judge(policy, debt, offer.proposal, role=level.role, as_of=TODAY).is_within
            assert (
                offer.sheet.total_minor
                == debt.total_minor - offer.sheet.discount_minor + offer.sheet.interest_minor
            )
            assert sum(share_discount(policy, debt, offer.proposal).values()) == offer.sheet.discount_minor
