"""Payment days and early discounts, as people write them."""

from datetime import date

import pytest

from aldia.domain.calendars import Calendar
from aldia.domain.customer_terms import (
    EarlyDiscount,
    PaymentDays,
    UnreadableTerms,
    read_early_discount,
    read_payment_days,
)

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "on", "next_on"),
    [
        ("viernes", MONDAY, date(2026, 3, 6)),
        ("Viernes", date(2026, 3, 6), date(2026, 3, 6)),
        ("lun y jue", date(2026, 3, 3), date(2026, 3, 5)),
        ("5 y 20", MONDAY, date(2026, 3, 5)),
        ("5 y 20", date(2026, 3, 6), date(2026, 3, 20)),
        ("fin de mes", date(2026, 2, 10), date(2026, 3, 2)),  # the 28th is a Saturday
        ("miércoles", MONDAY, date(2026, 3, 4)),
        ("", MONDAY, MONDAY),
    ],
)
def test_the_next_payment_day_is_a_business_day(text: str, on: date, next_on: date) -> None:
    assert read_payment_days(text).next_on(on, Calendar()) == next_on


@pytest.mark.parametrize(
    ("text", "minor", "last"),
    [
        ("2/10", 20_00, date(2026, 3, 12)),
        ("2,5/10 neto 30", 25_00, date(2026, 3, 12)),
        ("0.75/5", 7_50, date(2026, 3, 7)),
    ],
)
def test_an_early_discount_holds_until_its_last_day(text: str, minor: int, last: date) -> None:
    early = read_early_discount(text)
    assert early is not None
    assert early.minor(1_000_00, MONDAY, last) == minor
    assert early.minor(1_000_00, MONDAY, date.fromordinal(last.toordinal() + 1)) == 0
    assert read_early_discount(str(early)) == early


@pytest.mark.parametrize("text", ["cuando pueda", "45", "0"])
def test_what_says_no_day_is_refused(text: str) -> None:
    with pytest.raises(UnreadableTerms):
        read_payment_days(text)


@pytest.mark.parametrize("text", ["dos", "2", "0/10", "2/0"])
def test_what_says_no_discount_is_refused(text: str) -> None:
    with pytest.raises(UnreadableTerms):
        read_early_discount(text)
    assert (read_early_discount(" "), bool(PaymentDays())) == (None, False)
    assert str(EarlyDiscount(250, 10)) == "2,5/10"
