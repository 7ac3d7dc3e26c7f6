"""Money: exponents, exact conversion, splits that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.money import (
    EXPONENTS,
    CurrencyMismatch,
    Money,
    MoneyError,
    NotAnAmount,
    Rounding,
    TooFine,
    UnknownCurrency,
    currency_code,
    decimals_of,
    exponent_of,
    is_indexed,
    split,
    to_major,
    to_minor,
)

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
MINOR = st.integers(-(10**18), 10**18)


@pytest.mark.parametrize(
    ("currency", "exponent"),
    [
        ("USD", 2),
        ("CLP", 0),
        ("PYG", 0),
        ("JPY", 0),
        ("BHD", 3),
        ("KWD", 3),
        ("CLF", 4),
        ("UYI", 0),
        ("UYW", 4),
        ("MXV", 2),
        ("COU", 2),
    ],
)
def test_the_table_knows_the_decimals(currency: str, exponent: int) -> None:
    assert exponent_of(currency) == exponent


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "EURO"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency, match=f"unknown currency {currency!r}: expected an ISO") as refusal:
        exponent_of(currency)
    assert refusal.value.currency == currency
    with pytest.raises(UnknownCurrency):
        Money(1, currency)


def test_local_names_of_units_are_understood() -> None:
    assert [currency_code(text) for text in (" uf ", "UVR", "udi", "ars")] == ["CLF", "COU", "MXV", "ARS"]
    assert is_indexed("CLF")
    assert not is_indexed("CLP")


def test_an_amount_finer_than_its_currency_is_refused_with_both_numbers() -> None:
    with pytest.raises(TooFine, match=r"^12\.345 has 3 decimals, USD allows 2") as refusal:
        to_minor(Decimal("12.345"), "USD", rounding=None)
    assert (refusal.value.found, refusal.value.allowed) == (3, 2)


def test_trailing_zeros_are_not_decimals() -> None:
    assert to_minor(Decimal("1500.000"), "CLP", rounding=None) == 1500
    assert decimals_of(Decimal("0.000")) == 0
    assert decimals_of(Decimal("1.2E+3")) == 0


@given(st.integers(-(10**6), 10**6).filter(lambda n: n % 10 != 0), st.integers(0, 9), st.integers(0, 5))
def test_as_many_zeros_as_one_likes_add_no_decimals(digits: int, decimals: int, zeros: int) -> None:
    assert decimals_of(Decimal(f"{digits}{'0' * zeros}E-{decimals + zeros}")) == decimals


@pytest.mark.parametrize(
    ("amount", "half_up", "half_even"),
    [("0.125", 13, 12), ("0.135", 14, 14), ("-0.125", -13, -12), ("0.1249999", 12, 12)],
)
def test_rounding_is_named(amount: str, half_up: int, half_even: int) -> None:
    assert to_minor(Decimal(amount), "USD", rounding=Rounding.HALF_UP) == half_up
    assert to_minor(Decimal(amount), "USD", rounding=Rounding.HALF_EVEN) == half_even


def test_huge_amounts_keep_every_digit() -> None:
    amount = Decimal("123456789012345678901234567890123456789.12")
    assert to_minor(amount, "USD", rounding=None) == 12345678901234567890123456789012345678912


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount, match=f"{text} is not an amount"):
        to_minor(Decimal(text), "USD", rounding=Rounding.HALF_UP)


def test_money_of_a_finer_amount_needs_a_rounding_and_uses_it() -> None:
    with pytest.raises(TooFine):
        Money.of("0.125", "USD")
    assert Money.of("0.125", "USD", rounding=Rounding.HALF_EVEN) == Money(12, "USD")


@given(MINOR, CURRENCIES)
def test_minor_to_major_and_back_is_the_same(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency, rounding=None) == minor


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch, match="cannot combine USD with EUR") as refusal:
        Money(1, "USD") + Money(1, "EUR")
    assert (refusal.value.left, refusal.value.right) == ("USD", "EUR")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "USD") < Money(1, "EUR")


def test_money_of_one_currency_adds_compares_and_prints() -> None:
    total = Money.of("12.30", "USD") + Money(5, "USD") - Money(1, "USD")
    assert str(total) == "12.34 USD"
    assert -total < total <= total
    assert str(Money(-1500, "CLP")) == "-1500 CLP"


def test_a_split_gives_the_rest_to_the_largest_remainder() -> None:
    assert split(100, 3) == [34, 33, 33]
    assert split(10, [1, 1, 2]) == [3, 2, 5]
    assert split(-100, 3) == [-34, -33, -33]


@pytest.mark.parametrize("parts", [0, -1, [], [0, 0], [1, -1]])
def test_a_split_without_parts_is_refused(parts: int | list[int]) -> None:
    with pytest.raises(MoneyError, match="cannot split 100 by"):
        split(100, parts)


@given(MINOR, st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_a_split_adds_up_and_no_share_is_off_by_a_unit(total: int, weights: list[int]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - total * weight) < sum(weights)


def test_an_unknown_local_name_is_refused() -> None:
    with pytest.raises(UnknownCurrency, match="'pesos'"):
        currency_code("pesos")


def test_money_multiplies_splits_and_is_falsy_when_zero() -> None:
    assert Money(3, "USD") * 4 == Money(12, "USD")
    assert Money(100, "CLP").split(3) == [Money(34, "CLP"), Money(33, "CLP"), Money(33, "CLP")]
    assert not Money(0, "USD")
    assert Money(2, "USD") > Money(1, "USD") >= Money(1, "USD")
    assert not Money(1, "USD") < Money(1, "USD") and not Money(1, "USD") > Money(1, "USD")
    assert str(Money(0, "USD")) == "0.00 USD"
