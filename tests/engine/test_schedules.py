"""A million loans and one: the vectorised schedule gives the lines of the one-loan function."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.loans.rounding import RoundTo
from aldia.domain.loans.schedules import Line, Method, Rounding, Terms, schedule
from aldia.engine.schedules import METHODS, BadLoans, schedule_frame, schedule_pieces

pytestmark = pytest.mark.covers("S4-1c")
BOTTOM = 36_500
ROUNDINGS = st.builds(Rounding, st.sampled_from(RoundTo), st.sampled_from([1, 100]), st.sampled_from(RoundTo))


def loan(**terms: object) -> dict[str, object]:
    usual = {
        "principal_minor": 100_000,
        "count": 3,
        "method": "french",
        "factor_top": 365,
        "factor_bottom": BOTTOM,
    }
    return usual | {"balloon_minor": 0, "interest_only": 0} | terms


LOANS = st.integers(2, 8).flatmap(
    lambda count: st.fixed_dictionaries(
        {
            "principal_minor": st.integers(1000, 10**12),
            "count": st.just(count),
            "method": st.sampled_from([str(each) for each in METHODS]),
            "factor_top": st.lists(st.integers(0, 4000), min_size=count, max_size=count),
            "factor_bottom": st.just(BOTTOM),
            "balloon_minor": st.integers(0, 999),
            "interest_only": st.integers(0, count - 1),
        }
    )
)


def one_by_one(loans: list[dict[str, object]], rounding: Rounding) -> list[tuple[int, Line]]:
    lines = []
    for at, each in enumerate(loans):
        terms = Terms(
            principal_minor=each["principal_minor"],
            factors=tuple(Fraction(top, BOTTOM) for top in each["factor_top"]),
            method=Method(each["method"]),
            rounding=rounding,
            balloon_minor=each["balloon_minor"],
            interest_only=each["interest_only"],
        )  # type: ignore[arg-type]
        lines += [(at, line) for line in schedule(terms)]
    return lines


@settings(max_examples=20, deadline=None)
@given(st.lists(LOANS, min_size=4, max_size=20), ROUNDINGS)
def test_every_line_is_that_of_the_one_loan_function(
    loans: list[dict[str, object]], rounding: Rounding
) -> None:
    frame = pl.DataFrame([{"loan": at, **each} for at, each in enumerate(loans)])
    ours = schedule_frame(frame, rounding).sort("loan", "number").rows()
    assert ours == [
        (at, line.number, line.principal_minor, line.interest_minor, line.balance_minor)
        for at, line in one_by_one(loans, rounding)
    ]


def test_one_factor_serves_every_period_and_pieces_add_up_to_the_whole() -> None:
    loans = pl.DataFrame([loan(loan=at, principal_minor=100_000 + at) for at in range(7)])
    whole = schedule_frame(loans).sort("loan", "number")
    assert whole.filter(loan=0).select("principal_minor", "interest_minor").rows() == [
        (33_002, 1000), (33_332, 670), (33_666, 337),
    ]  # fmt: skip
    assert pl.concat(schedule_pieces(loans, piece=3)).sort("loan", "number").equals(whole)


@pytest.mark.parametrize("factor", [0, 1])
def test_an_instalment_on_the_edge_of_two_cents_is_computed_exactly(factor: int) -> None:
    loans = [loan(principal_minor=10**11 + 1, count=2, factor_top=[factor, factor])]
    frame = pl.DataFrame([{"loan": 0, **loans[0]}])
    for how in RoundTo:
        ours = schedule_frame(frame, Rounding(how)).rows()
        assert [row[2] for row in ours] == [
            line.principal_minor for _, line in one_by_one(loans, Rounding(how))
        ]


def test_loans_that_make_no_schedule_are_refused_by_name() -> None:
    with pytest.raises(BadLoans, match="interest_only"):
        schedule_frame(pl.DataFrame([{"loan": 1}]))
    with pytest.raises(BadLoans, match="1 loans make no schedule"):
        schedule_frame(pl.DataFrame([loan(loan=1, method="own")]))
