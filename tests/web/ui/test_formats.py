"""Money, dates and documents read as the look says, in each organisation's locale."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from aldia.web.ui import formats
from aldia.web.ui.formats import Regional

NOW = datetime(2026, 11, 24, 13, 12, tzinfo=UTC)
ANDINA = Regional("es_AR", "America/Argentina/Buenos_Aires", date(2026, 11, 24), NOW, "ARS")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "expected"),
    [
        (48_625_000, "ARS", "es_AR", "$ 486.250,00"),
        (22_553_148_000, "MXN", "es_MX", "$ 225,531,480.00"),
        (324_000_000, "COP", "es_CO", "$ 3.240.000"),
        (324_000_050, "COP", "es_CO", "$ 3.240.000,50"),
        (325_000, "USD", "es_AR", "US$ 3.250,00"),
        (325_000, "USD", "es_MX", "US$ 3.250.00".replace(".250", ",250")),
        (-1_280_000, "ARS", "es_AR", "−$ 12.800,00"),
        (1500, "CLP", "es_CL", "$ 1.500"),
        (25_000, "CLF", "es_CL", "UF 2,5000"),
        (123_456, "BRL", "pt_BR", "R$ 1.234,56"),
        (0, "ARS", "es_AR", "$ 0,00"),
    ],
)
def test_money_is_symbol_unbroken_space_and_amount_in_the_organisations_locale(
    minor: int, currency: str, locale: str, expected: str
) -> None:
    assert formats.money(minor, currency, locale) == expected.replace(" ", formats.NBSP)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["ARS", "CLP", "USD", "CLF"]))
def test_no_digit_of_an_amount_is_lost(minor: int, currency: str) -> None:
    text = formats.money(minor, currency, "es_AR")
    digits = int("".join(character for character in text if character.isdigit()))
    assert digits == abs(minor)
    assert text.startswith(formats.MINUS) == (minor < 0)


def test_a_phone_list_rounds_to_whole_units() -> None:
    assert formats.money(31_248_050, "ARS", "es_AR", cents=False) == f"${formats.NBSP}312.481"


@pytest.mark.parametrize(
    ("minor", "expected"),
    [(9_680_000_000, "$ 96,8 M"), (48_625_000, "$ 486.250"), (-9_680_000_000, "−$ 96,8 M")],
)
def test_short_money_counts_millions_and_leaves_smaller_amounts_whole(minor: int, expected: str) -> None:
    assert formats.money_short(minor, "ARS", "es_AR") == expected.replace(" ", formats.NBSP)


def test_a_date_shows_its_year_only_when_it_is_another_or_when_committing() -> None:
    with translation.override("es"):
        assert formats.day(date(2026, 11, 27), ANDINA.today) == "vie 27 nov"
        assert formats.day(date(2027, 1, 5), ANDINA.today) == "mar 5 ene 2027"
        assert formats.day(date(2026, 11, 27), ANDINA.today, commit=True) == "vie 27 nov 2026"
        assert formats.day(date(2026, 10, 29), ANDINA.today, weekday=False) == "29 oct"
        assert formats.day_long(date(2026, 11, 27)) == "viernes 27 nov 2026"


@pytest.mark.parametrize(("language", "expected"), [("en", "Fri 27 Nov"), ("pt-br", "sex 27 nov")])
def test_words_of_a_date_follow_the_reader(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.day(date(2026, 11, 27), ANDINA.today) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(seconds=20), "ahora"),
        (timedelta(minutes=22), "22 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=15, minutes=30), "ayer"),
        (timedelta(days=3), "sáb 21 nov"),
    ],
)
def test_recent_things_are_told_as_a_person_would(before: timedelta, expected: str) -> None:
    with translation.override("es"):
        assert formats.ago(NOW - before, ANDINA) == expected


def test_the_clock_says_its_zone() -> None:
    with translation.override("es"):
        assert formats.clock(ANDINA) == "mar 24 nov · 10:12 ART"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("30712345682", "CUIT", "30-71•••••8-2"),
        ("30-71234568-2", "cuit", "30-71•••••8-2"),
        ("71234418", "CC", "•••••418"),
        ("12", "", "•••••"),
    ],
)
def test_a_document_tells_itself_only_to_who_knows_it(value: str, kind: str, expected: str) -> None:
    assert formats.masked(value, kind) == expected


def test_counts_stop_at_their_cap() -> None:
    assert formats.count(1284, "es_AR") == "1.284"
    assert formats.count(10_000, "es_AR") == "10.000+"


def test_percent_takes_a_space_in_spanish_and_none_in_english() -> None:
    assert formats.percent(0.643, "es_AR") == f"64,3{formats.NBSP}%"
    assert formats.percent(0.643, "en_US") == "64.3%"


def test_an_unknown_locale_reads_as_spanish() -> None:
    assert formats.known_locale("xx_YY") == "es"
    assert formats.known_locale("pt-br") == "pt_BR"


def test_one_date_alone_is_written_in_full_words() -> None:
    on = date(2026, 11, 24)
    assert formats.day_words(on, on, weekday=True) == "martes 24 de noviembre"
    assert formats.day_words(on, date(2027, 1, 2)) == "24 de noviembre de 2026"
    with translation.override("en"):
        assert formats.day_words(on, on) == "November 24"
