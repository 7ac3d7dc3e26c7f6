"""One loan replayed from its events: payments, charges, charge-backs, new dates; and what must hold after any history."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.loans import events as did
from aldia.domain.loans.book import Book
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.orders import COMPONENTS, FEES, PENALTIES, PRINCIPAL, Ahead, PaymentOrder, Spread
from aldia.domain.loans.payoff import ended, payoff_quote
from aldia.domain.loans.planning import Prepaying, Product
from aldia.domain.loans.replay import ImpossibleEvent, down_payment_due, replay

pytestmark = pytest.mark.covers("S4-1c", "S3-60d")
START = date(2027, 1, 1)
MONTHLY = Every(1, Unit.MONTHS)
THREE = Product(3, MONTHLY)
FOLLOWING = Product(3, MONTHLY, PaymentOrder(follows_time=True))
GRANTED = did.Disbursed(key="loan", on=START, minor=90_000)


def on(month: int, day: int = 1) -> date:
    return date(2027, month, day)


def paid(key: str, day: date, minor: int, kind: str = "repayment") -> did.Paid:
    return did.Paid(key=key, on=day, minor=minor, kind=kind)


def penalty(key: str, day: date, minor: int, recorded_on: date | None = None) -> did.Charged:
    return did.Charged(key=key, on=day, recorded_on=recorded_on or day, minor=minor, is_penalty=True)


def open_parts(book: Book) -> list[int]:
    return [row.open_minor for row in book.rows]


def test_what_is_paid_before_and_after_the_due_date_is_told_apart() -> None:
    book = replay(THREE, [GRANTED, paid("a", on(1, 20), 30_000), paid("b", on(3, 5), 30_000)])
    assert [(row.in_advance, row.late, row.met_on) for row in book.rows[:2]] == [
        (30_000, 0, on(1, 20)), (0, 30_000, on(3, 5)),
    ]  # fmt: skip
    assert [entry.balance_minor for entry in book.entries] == [90_000, 60_000, 30_000]


@pytest.mark.parametrize(
    ("ahead", "left"),
    [
        (Ahead.NEXT, [0, 15_000, 30_000]),
        (Ahead.LAST, [30_000, 15_000, 0]),
        (Ahead.EVENLY, [15_000, 15_000, 15_000]),
    ],
)
def test_a_payment_in_advance_pays_the_next_shortens_the_term_or_lowers_each(
    ahead: Ahead, left: list[int]
) -> None:
    product = Product(3, MONTHLY, PaymentOrder(ahead=ahead))
    assert open_parts(replay(product, [GRANTED, paid("a", on(1, 20), 45_000)])) == left


def test_penalties_come_before_principal_unless_the_order_says_otherwise() -> None:
    history = [GRANTED, penalty("late", on(2), 1000), paid("a", on(2), 30_000)]
    assert replay(THREE, history).entry("a").parts[PENALTIES] == 1000  # type: ignore[union-attr]
    last = PaymentOrder(*((PRINCIPAL, PENALTIES),) * 3)
    assert replay(Product(3, MONTHLY, last), history).entry("a").parts[PENALTIES] == 0  # type: ignore[union-attr]


def test_by_component_pays_the_same_component_of_every_late_instalment_first() -> None:
    history = [GRANTED, penalty("x", on(2), 500), penalty("y", on(3), 500), paid("a", on(3, 9), 1000)]
    by_component = replay(Product(3, MONTHLY, PaymentOrder(spread=Spread.BY_COMPONENT)), history)
    assert [row.paid[PENALTIES] for row in by_component.rows] == [500, 500, 0]
    assert [row.paid[PENALTIES] for row in replay(THREE, history).rows] == [500, 0, 0]


def test_a_charge_recorded_late_is_paid_by_older_money_only_where_the_loan_is_spread_anew() -> None:
    history = [GRANTED, paid("a", on(2), 30_000), penalty("late", on(2), 1000, recorded_on=on(2, 20))]
    assert replay(THREE, history).entry("a").parts[PENALTIES] == 1000  # type: ignore[union-attr]
    assert replay(FOLLOWING, history).entry("a").parts[PENALTIES] == 0  # type: ignore[union-attr]


def test_a_payment_taken_back_leaves_everything_as_if_it_had_never_been_but_stays_on_the_statement() -> None:
    kept = [GRANTED, paid("b", on(3), 10_000)]
    gone = [GRANTED, paid("a", on(2), 40_000), *kept[1:], did.Reversed(key="r", on=on(3, 2), of="a")]
    assert open_parts(replay(THREE, gone)) == open_parts(replay(THREE, kept))
    assert [(e.key, e.minor, e.is_reversed) for e in replay(THREE, gone).entries][1] == ("a", 40_000, True)


def test_a_charge_back_is_owed_again_and_past_the_term_makes_its_own_instalment() -> None:
    all_paid = [GRANTED, paid("a", on(4), 90_000)]
    book = replay(THREE, [*all_paid, did.ChargedBack(key="c", on=on(4, 20), minor=30_000, of="a")])
    assert (book.open_minor, book.rows[-1].due_on, book.rows[-1].is_additional) == (30_000, on(4, 20), True)
    assert book.rows[-1].balance_minor == 0


def test_a_charge_back_gives_back_what_its_payment_had_covered() -> None:
    product = Product(3, MONTHLY, PaymentOrder(credits=(PENALTIES, FEES, PRINCIPAL)))
    history = [GRANTED, penalty("late", on(2), 1000), paid("a", on(2), 31_000)]
    book = replay(product, [*history, did.ChargedBack(key="c", on=on(2, 9), minor=5000, of="a")])
    assert (book.entry("c").parts[PENALTIES], book.entry("c").parts[PRINCIPAL]) == (1000, 4000)  # type: ignore[union-attr]


def test_money_in_excess_is_held_and_can_go_back() -> None:
    book = replay(
        THREE, [GRANTED, paid("a", on(2), 100_000), did.CreditRefunded(key="r", on=on(2, 2), minor=4000)]
    )
    assert (book.open_minor, book.overpaid_minor) == (0, 6000)


def test_re_ageing_moves_arrears_to_new_dates() -> None:
    event = did.ReAged(key="re", on=on(5, 10), first_on=on(6), every=MONTHLY, count=4)
    book = replay(THREE, [GRANTED, paid("a", on(2), 30_000), event])
    assert [row.due_on for row in book.rows if row.open_minor] == [on(6), on(7), on(8), on(9)]
    assert book.open_minor == 60_000


def test_re_amortising_spreads_arrears_over_what_is_to_come() -> None:
    book = replay(THREE, [GRANTED, did.ReAmortised(key="re", on=on(2, 10))])
    assert open_parts(book) == [0, 45_000, 45_000]


def test_rescheduling_moves_dates_gives_grace_and_adds_instalments() -> None:
    def rescheduled(**terms: object) -> list[tuple[date, int]]:
        event = did.Rescheduled(key="re", on=on(1, 9), from_due=on(3), **terms)  # type: ignore[arg-type]
        return [(row.due_on, row.open_minor) for row in replay(THREE, [GRANTED, event]).rows]

    assert rescheduled(new_due=on(3, 15))[1:] == [(on(3, 15), 30_000), (on(4, 15), 30_000)]
    assert rescheduled(grace=1)[1:] == [(on(3), 0), (on(4), 30_000), (on(5), 30_000)]
    assert rescheduled(extra_terms=2)[1:] == [
        (on(3), 15_000),
        (on(4), 15_000),
        (on(5), 15_000),
        (on(6), 15_000),
    ]


def test_a_new_rate_counts_from_its_instalment_on() -> None:
    product = Product(3, MONTHLY, yearly_rate=Decimal("0.12"))
    event = did.Rescheduled(key="re", on=on(1, 9), from_due=on(3), yearly_rate=Decimal(0))
    assert [row.owed["compensatory_interest"] for row in replay(product, [GRANTED, event]).rows] == [
        900,
        0,
        0,
    ]


def test_a_second_disbursement_joins_what_is_to_come_with_its_own_down_payment() -> None:
    product = Product(
        3, MONTHLY, PaymentOrder(follows_time=True), down_payment=Decimal("0.25"), pays_down_itself=True
    )
    history = [GRANTED]
    assert down_payment_due(product, history) == 22_500
    second = did.Disbursed(key="more", on=on(2, 15), minor=20_000)
    book = replay(product, [*history, paid("d", START, 22_500, "down_payment"), second])
    assert [(row.due_minor, row.is_down_payment) for row in book.rows] == [
        (22_500, True), (22_500, False), (5000, True), (30_000, False), (30_000, False),
    ]  # fmt: skip


def test_a_loan_written_off_is_closed_and_may_be_recovered() -> None:
    history = [GRANTED, did.WrittenOff(key="w", on=on(9))]
    book = replay(THREE, [*history, did.Recovered(key="r", on=on(10), minor=12_000)])
    assert (book.open_minor, book.recovered_minor, book.is_written_off) == (0, 12_000, True)
    with pytest.raises(ImpossibleEvent, match="written off"):
        replay(THREE, [GRANTED, did.Recovered(key="r", on=on(10), minor=1)])


def test_a_charge_is_waived_as_far_as_it_is_unpaid() -> None:
    book = replay(THREE, [GRANTED, penalty("p", on(2), 1000), did.Waived(key="w", on=on(2, 2), charge="p")])
    assert (book.open_minor, book.charges[0].waived_minor) == (90_000, 1000)


BEARING = Product(3, MONTHLY, yearly_rate=Decimal("0.12"))


def test_a_payoff_quote_has_all_principal_and_the_interest_of_the_days_that_passed() -> None:
    quote = payoff_quote(BEARING, [GRANTED, paid("a", on(2), 30_602)], on(2, 15))
    assert (quote.principal_minor, quote.interest_minor, quote.charges_minor) == (60_298, 302, 0)
    assert quote.saved_minor == 603 + 303 - 302


def test_paying_the_quote_ends_the_loan() -> None:
    history = [GRANTED, penalty("late", on(2), 1000)]
    quote = payoff_quote(BEARING, history, on(2, 15))
    book = replay(BEARING, [*history, *ended(BEARING, history, on(2, 15), "end")])
    assert (book.open_minor, book.overpaid_minor, book.entry("end").minor) == (0, 0, quote.total_minor)  # type: ignore[union-attr]


def prepaid(way: Prepaying, minor: int, day: date) -> list[tuple[int, int]]:
    product = Product(4, MONTHLY, yearly_rate=Decimal("0.12"), prepaying=way)
    book = replay(product, [GRANTED, paid("a", day, minor)])
    return [(row.owed["principal"], row.owed["compensatory_interest"]) for row in book.rows]


def test_a_prepayment_lowers_interest_and_then_the_instalment_or_the_term() -> None:
    assert prepaid(Prepaying.LOWER, 50_900, on(2))[1:] == [(13_201, 400), (13_333, 268), (13_466, 135)]
    assert prepaid(Prepaying.SHORTER, 50_900, on(2))[1:] == [(22_665, 400), (17_335, 173)]


def test_a_smaller_prepayment_saves_the_interest_of_its_days_only() -> None:
    usual, early = prepaid(Prepaying.LOWER, 1, on(2)), prepaid(Prepaying.LOWER, 10_000, on(1, 17))
    assert (usual[0][1], early[0][1]) == (900, 852)  # 10 000 less over 15 of 31 days
    assert sum(part for part, _ in early) == 90_000


DAYS = st.integers(0, 150).map(lambda days: START + timedelta(days=days))
DEEDS = st.one_of(
    st.tuples(st.just("pay"), DAYS, st.integers(1, 60_000)),
    st.tuples(st.just("charge"), DAYS, st.integers(1, 5000)),
    st.tuples(st.just("back"), DAYS, st.integers(1, 20_000)),
)
ORDERS = st.builds(
    PaymentOrder, ahead=st.sampled_from(Ahead), spread=st.sampled_from(Spread), follows_time=st.booleans()
)


@given(st.lists(DEEDS, max_size=8), ORDERS, st.sampled_from([Decimal(0), Decimal("0.24")]))
def test_every_cent_is_accounted_for(
    deeds: list[tuple[str, date, int]], order: PaymentOrder, rate: Decimal
) -> None:
    history: list[did.Event] = [GRANTED]
    for at, (what, day, minor) in enumerate(deeds):
        key = f"e{at}"
        if what == "pay":
            history.append(paid(key, day, minor))
        elif what == "charge":
            history.append(penalty(key, day, minor))
        else:
            history.append(did.ChargedBack(key=key, on=day, minor=minor))
    book = replay(Product(3, MONTHLY, order, yearly_rate=rate), history)
    came = sum(event.minor for event in history if isinstance(event, did.Paid))
    back = sum(event.minor for event in history if isinstance(event, did.ChargedBack))
    on_rows = sum(row.paid_minor for row in book.rows)
    credited = sum(row.credited for row in book.rows)
    assert came + credited == on_rows + book.overpaid_minor + back
    assert all(row.open(component) >= 0 for row in book.rows for component in COMPONENTS)
    assert book.overpaid_minor == 0 or book.open_minor == 0
