"""Dates as people say them, seen from Sunday 22 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.promises import UnreadableDate, read_date

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "hoy", date(2026, 11, 22)),
        ("es", " Mañana ", date(2026, 11, 23)),
        ("es", "pasado mañana", date(2026, 11, 24)),
        ("es", "vie", date(2026, 11, 27)),
        ("es", "viernes", date(2026, 11, 27)),
        ("es", "el próximo viernes", date(2026, 11, 27)),
        ("es", "miércoles", date(2026, 11, 25)),
        ("es", "domingo", date(2026, 11, 29)),
        ("es", "fin de mes", date(2026, 11, 30)),
        ("es", "quincena", date(2026, 11, 30)),
        ("es", "27/11", date(2026, 11, 27)),
        ("es", "21/11", date(2027, 11, 21)),
        ("es", "27/11/2026", date(2026, 11, 27)),
        ("es", "27-11-26", date(2026, 11, 27)),
        ("es", "2026-12-01", date(2026, 12, 1)),
        ("es", "29/2", date(2028, 2, 29)),
        ("es", "27 de noviembre", date(2026, 11, 27)),
        ("es", "el 3 de enero de 2027", date(2027, 1, 3)),
        ("es", "5 dic", date(2026, 12, 5)),
        ("es", "en 3 días", date(2026, 11, 25)),
        ("es", "en una semana", date(2026, 11, 29)),
        ("es", "dentro de 2 semanas", date(2026, 12, 6)),
        ("es", "en un mes", date(2026, 12, 22)),
        ("es", "15", date(2026, 12, 15)),
        ("es", "el día 22", date(2026, 11, 22)),
        ("es", "31", date(2026, 12, 31)),
        ("en", "tomorrow", date(2026, 11, 23)),
        ("en", "next Friday", date(2026, 11, 27)),
        ("en", "end of month", date(2026, 11, 30)),
        ("en", "27 Nov", date(2026, 11, 27)),
        ("en", "Nov 27th, 2026", date(2026, 11, 27)),
        ("en", "11/27", date(2026, 11, 27)),
        ("en-US", "12/1", date(2026, 12, 1)),
        ("en-GB", "12/1", date(2027, 1, 12)),
        ("en", "in 3 days", date(2026, 11, 25)),
        ("en", "on the 15th", date(2026, 12, 15)),
        ("pt-BR", "amanhã", date(2026, 11, 23)),
        ("pt-BR", "sexta-feira", date(2026, 11, 27)),
        ("pt-BR", "na próxima terça", date(2026, 11, 24)),
        ("pt-BR", "fim do mês", date(2026, 11, 30)),
        ("pt-BR", "em 3 dias", date(2026, 11, 25)),
        ("pt-BR", "dia 15", date(2026, 12, 15)),
        ("pt-BR", "27/11", date(2026, 11, 27)),
        ("pt-BR", "1 de março", date(2027, 3, 1)),
    ],
)
@pytest.mark.covers("S3-60c")
def test_people_say_dates_in_many_ways(language: str, text: str, expected: date) -> None:
    assert read_date(text, as_of=SUNDAY, language=language) == expected


@pytest.mark.parametrize(
    ("language", "text", "says"),
    [
        ("es", "cuando pueda", "no la reconocemos"),
        ("es", "", "no la reconocemos"),
        ("es", "31/11", "ese día no existe"),
        ("es", "29/02/2027", "ese día no existe"),
        ("es", "45", "ese día no existe"),
        ("es", "en 9999 días", "queda demasiado lejos"),
        ("es", "m", "no la reconocemos"),
        ("en", "11/12", "can be confused"),
        ("en", "someday", "in 3 days"),
        ("pt-BR", "um dia desses", "Escreva por exemplo"),
    ],
)
def test_what_is_no_date_is_refused_in_the_same_language(language: str, text: str, says: str) -> None:
    with pytest.raises(UnreadableDate, match=says):
        read_date(text, as_of=SUNDAY, language=language)


@given(st.text(max_size=40), st.sampled_from(["es", "en", "en-US", "pt-BR", "xx"]))
def test_any_text_is_a_date_or_a_refusal(text: str, language: str) -> None:
    try:
        assert isinstance(read_date(text, as_of=SUNDAY, language=language), date)
    except UnreadableDate as refusal:
        assert ":" in str(refusal)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(["es", "pt"]), st.integers(1, 31))
def test_a_bare_day_is_the_next_such_day(as_of: date, language: str, day: int) -> None:
    found = read_date(str(day), as_of=as_of, language=language)
    assert found.day == day
    assert 0 <= (found - as_of).days <= 61
