"""MT940 and MT942: directions, dates, references and the habits of banks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.intake.readers.stop import Stop
from tests.rooms.intake.records.reading import amounts, codes, records

HEAD = ":20:ESTADO\n:25:00170001/123456\n:28C:7/1\n:60F:C251001EUR100,00\n"
END = ":62F:C251031EUR{closing}\n-\n"


def statement(*lines: str, closing: str = "100,00") -> dict:
    return records(HEAD + "".join(f"{line}\n" for line in lines) + END.format(closing=closing))


def test_the_mark_gives_the_direction_and_reversals_turn_it() -> None:
    answer = statement(
        ":61:2510021002C10,NTRFR-1",
        ":61:2510031003D4,50NTRFR-2",
        ":61:2510041004RC10,00NTRFR-1",
        ":61:2510051005RD4,50NTRFR-2",
        ":61:2510061006CR1,00NTRFR-3",
    )
    assert amounts(answer) == ["10", "-4.50", "-10.00", "4.50", "1.00"]
    assert [entry["returned"] for entry in answer["statements"][0]["entries"]] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_line_counts_on_its_value_date_and_keeps_its_entry_date() -> None:
    answer = statement(":61:2512310102C1,00NTRFX//Y", closing="101,00")
    (entry,) = answer["statements"][0]["entries"]
    assert (entry["booked_on"], entry["entered_on"]) == ("2025-12-31", "2026-01-02")
    assert entry["reference"] == "X"


def test_a_day_that_does_not_exist_falls_back_on_the_entry_date_and_is_told() -> None:
    answer = statement(":61:2502300301D1,00NTRFX", closing="99,00")
    assert answer["statements"][0]["entries"][0]["booked_on"] == "2025-03-01"
    assert codes(answer) == ["impossible_date"]


@pytest.mark.parametrize(
    ("line", "reference", "text"),
    [
        (":61:251002C1,00NTRFNONREF//BANCO-9", "BANCO-9", ""),
        (":61:251002C1,00N0441234567890      PANADERIA SOL", "1234567890", "PANADERIA SOL"),
        (":61:251002C1,00NTRFES9121000418450200\nPANADERIA", "ES9121000418450200", "PANADERIA"),
        (":61:251002C1,00NTRFNONREF\n:86:166?00GUTSCHRIFT?20EREF+F-100 ?21SVWZ+Fac?22tura?32Ana?33Sol", "F-100", "EREF+F-100 SVWZ+Factura AnaSol"),
        (":61:251002C1,00N102EREF\n:86:/EREF/F 100-A/REMI/Pago de octubre", "F 100-A", "/EREF/F 100-A/REMI/Pago de octubre"),
    ],
)  # fmt: skip
def test_references_and_texts_are_found_where_banks_put_them(line: str, reference: str, text: str) -> None:
    (entry,) = statement(line, closing="101,00")["statements"][0]["entries"]
    assert (entry["reference"], entry["text"]) == (reference, text)


def test_an_amount_broken_over_two_lines_is_joined() -> None:
    assert amounts(statement(":61:2510021002CR", "30,00NTRFNONREF", closing="130,00")) == ["30.00"]


def test_a_statement_that_does_not_add_up_is_told() -> None:
    assert codes(statement(":61:251002C1,00NTRFX", closing="150,00")) == ["balance_mismatch"]


def test_many_statements_of_many_accounts_in_any_line_ending_and_envelope() -> None:
    other = ":20:B\n:25:ES00\n:28C:1\n:60F:D251001USD5,\n:62F:D251001USD5,\n-}"
    text = "{1:F01BANKESMM}{2:O940}{4:\n" + HEAD + END.format(closing="100,00") + "{1:F01}{4:\n" + other
    answer = records(text.replace("\n", "\r\n").encode("cp1252"))
    assert [(each["account"], each["currency"], each["opening"]) for each in answer["statements"]] == [
        ("00170001/123456", "EUR", "100.00"),
        ("ES00", "USD", "-5"),
    ]


def test_an_interim_report_has_lines_and_no_balances() -> None:
    answer = records(
        ":20:A\n:25:ES00\n:28C:1\n:34F:PEND0,00\n:13D:2510021200+0000\n:61:251002D2,50NTRFX\n:90D:1PEN2,50\n"
    )
    (only,) = answer["statements"]
    assert (answer["format"], only["currency"], only["opening"], only["closing"]) == (
        "MT942",
        "PEN",
        None,
        None,
    )


@pytest.mark.parametrize(
    "text",
    [
        ":20:A\n",
        ":25:ES00\n",
        ":60F:C251001EUR1,00\n",
        ":61:251002C1,00NTRFX\n",
        ":20:A\n:25:B\n:61:251002C1,00NTRFX\n",
    ],
)
def test_a_piece_of_a_statement_is_refused(text: str) -> None:
    with pytest.raises(Stop, match="fragment"):
        records(text)


def test_a_line_that_cannot_be_read_refuses_the_file_and_names_it() -> None:
    with pytest.raises(Stop) as caught:
        statement(":61:nada")
    assert (caught.value.code, caught.value.facts["line"]) == ("bad_line", 5)


@given(st.text(max_size=300))
def test_no_text_brings_it_down(text: str) -> None:
    with suppress(Stop):
        records(HEAD + text)


def test_only_what_follows_a_line_explains_it() -> None:
    text = (
        HEAD
        + ":61:251002C,50NTRFX\n:86:Uno\n:86:-dos\n"
        + END.format(closing="100,50")
        + ":86:De toda la cuenta\n-}{5:}\n"
    )
    answer = records(text)
    assert (amounts(answer), answer["statements"][0]["entries"][0]["text"]) == (["0.50"], "Uno -dos")


def test_a_statement_cut_before_its_closing_balance_is_told() -> None:
    assert codes(records(HEAD + ":61:251002C1,00NTRFX\n")) == ["no_closing"]
