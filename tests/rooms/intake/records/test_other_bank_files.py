"""OFX, Norma 43, CNAB and QIF: small invented files, and what must be refused."""

import pytest

from aldia.intake.readers.stop import Stop
from tests.rooms.intake.records.reading import amounts, codes, records

SGML = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>ARS<BANKACCTFROM><BANKID>017<ACCTID>0001-9<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20251002120000[-3:ART]<TRNAMT>1.500,25<FITID>A1<NAME>Panader\xeda &amp; Sol<MEMO>
</STMTTRN><STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20251003<TRNAMT>-20.00<FITID>A2<BANKACCTTO><ACCTID>999</BANKACCTTO></STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>77.10<DTASOF>20251003</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
XML = """<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?>
<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD</CURDEF><CCACCTFROM><ACCTID>4111</ACCTID></CCACCTFROM>
<BANKTRANLIST><STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20251002</DTPOSTED><TRNAMT>-5.50</TRNAMT><FITID>C1</FITID>
<MEMO><![CDATA[Uno < dos]]></MEMO></STMTTRN></BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD</CURDEF><BANKACCTFROM><ACCTID>22</ACCTID></BANKACCTFROM></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"""


def test_ofx_with_tags_left_open() -> None:
    answer = records(SGML.encode("cp1252"))
    (only,) = answer["statements"]
    assert (only["account"], only["bank"], only["currency"], only["closing"]) == (
        "0001-9",
        "017",
        "ARS",
        "77.10",
    )
    assert amounts(answer) == ["1500.25", "-20.00"]
    first = only["entries"][0]
    assert (first["booked_on"], first["reference"], first["text"]) == ("2025-10-02", "A1", "Panadería & Sol")


def test_ofx_as_xml_with_a_card_and_an_account() -> None:
    answer = records(XML)
    assert [(each["account"], each["closing"]) for each in answer["statements"]] == [
        ("4111", None),
        ("22", None),
    ]
    assert answer["statements"][0]["entries"][0]["text"] == "Uno < dos"


def test_an_ofx_line_in_other_money_says_which_and_one_already_changed_keeps_the_accounts() -> None:
    symbol = "<{name}><CURRATE>900<CURSYM>usd</{name}></STMTTRN>"
    both = [
        records(SGML.replace("</STMTTRN>", symbol.format(name=name), 1).encode("cp1252"))
        for name in ("CURRENCY", "ORIGCURRENCY")
    ]
    told = [[line["currency"] for line in each["statements"][0]["entries"]] for each in both]
    assert told == [["USD", "ARS"], ["ARS", "ARS"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1></OFX>", "no_statement"),
        (SGML.replace("-20.00", "$20"), "bad_amount"),
        (SGML[: SGML.index("</STMTRS>")], "truncated_file"),
        (XML.replace("<OFX>", "<!DOCTYPE x><OFX>", 1), "xml_entities"),
    ],
)
def test_ofx_that_is_refused(text: str, code: str) -> None:
    with pytest.raises(Stop) as caught:
        records(text)
    assert caught.value.code == code


def norma43(*middle: str, close: str | None = None) -> str:
    head = (
        "11"
        + "0049"
        + "1500"
        + "0012345678"
        + "251001"
        + "251031"
        + "2"
        + "00000000010000"
        + "978"
        + "3"
        + "SOL SA"
    )
    end = (
        close
        or "33"
        + "0049"
        + "1500"
        + "0012345678"
        + "00001"
        + "00000000002550"
        + "00001"
        + "00000000005000"
        + "2"
        + "00000000012450"
        + "978"
    )
    return "\r\n".join([head, *middle, end, "88" + "9" * 18 + "000006"])


def movement(concept: str, sign: str, cents: int, *, first: str = "", second: str = "") -> str:
    return f"22    1500251002251003{concept}007{sign}{cents:014d}0000000000{first:0>12}{second:<16}"


def test_norma_43_directions_texts_returns_and_sums() -> None:
    lines = [
        movement("04", "2", 5000, second="F-100"),
        "2301PAGO DE ANA SOL                       FACTURA 100",
        movement("14", "1", 2550, first="000000000077"),
        "240184000000000003000",
    ]
    answer = records(norma43(*lines))
    (only,) = answer["statements"]
    assert (only["bank"], only["branch"], only["account"], only["currency"]) == (
        "0049",
        "1500",
        "0012345678",
        "EUR",
    )
    assert (only["opening"], only["closing"], amounts(answer)) == ("100.00", "124.50", ["50.00", "-25.50"])
    assert (only["entries"][0]["reference"], only["entries"][0]["text"]) == (
        "F-100",
        "PAGO DE ANA SOL FACTURA 100",
    )
    assert [(each["reference"], each["amount"], each["reason"]) for each in answer["returns"]] == [
        ("000000000077", "25.50", "14/007")
    ]
    assert codes(answer) == []


def test_norma_43_tells_sums_that_differ_and_a_missing_end() -> None:
    assert codes(records(norma43(movement("04", "2", 4000)))) == ["trailer_mismatch", "balance_mismatch"]
    assert codes(records(norma43(close="88" + "9" * 18))) == ["no_closing"]


def cnab400(bank: str, *details: str, way: str = "2RETORNO") -> str:
    head = f"0{way}01COBRANCA".ljust(76) + bank + "BANCO".ljust(15)
    return "\r\n".join([head.ljust(400), *details, "9".ljust(400)])


def detail(
    place: tuple[int, int], number: str, occurrence: str, *, record: str = "1", paid: int = 9950
) -> str:
    line = list(record.ljust(400))
    fields = {
        place: number, (109, 110): occurrence, (111, 116): "021025", (117, 126): "F-100", (147, 152): "300925",
        (153, 165): f"{10000:013d}", (254, 266): f"{paid:013d}",
    }  # fmt: skip
    for (first, last), text in fields.items():
        line[first - 1 : last] = text.ljust(last - first + 1)
    return "".join(line)


@pytest.mark.parametrize(
    ("bank", "place", "record"),
    [
        ("341", (86, 94), "1"),
        ("237", (71, 82), "1"),
        ("104", (57, 73), "1"),
        ("001", (64, 80), "7"),
        ("748", (48, 62), "1"),
    ],
)
def test_cnab_400_finds_our_number_where_each_bank_keeps_it(
    bank: str, place: tuple[int, int], record: str
) -> None:
    (title,) = records(cnab400(bank, detail(place, "12345678", "06", record=record)))["titles"]
    assert (title["our_number"], title["document"], title["due_on"]) == ("12345678", "F-100", "2025-09-30")
    assert (title["face"], title["paid"], title["settled"]) == ("100.00", "99.50", True)


def test_a_mark_of_utf_8_moves_no_field_of_the_first_line() -> None:
    plain = cnab400("341", detail((86, 94), "12345678", "06"))
    assert records("\ufeff" + plain) == records(plain)
    assert records("\ufeff!Type:Bank\nD31/12/2025\nT1.00\n^\n")["statements"][0]["entries"]


def test_cnab_400_of_an_unknown_bank_keeps_the_document_and_says_so() -> None:
    answer = records(cnab400("999", detail((63, 73), "1", "02")))
    assert [(title["our_number"], title["settled"]) for title in answer["titles"]] == [(None, False)]
    assert codes(answer) == ["unknown_bank"]


def cnab240(bank: str, *segments: str, way: str = "2") -> str:
    head = f"{bank}00000".ljust(142) + way
    return "\n".join(line.ljust(240) for line in [head, f"{bank}00011T01", *segments, f"{bank}99999"])


def segment(bank: str, letter: str, occurrence: str, fields: dict[tuple[int, int], str]) -> str:
    line = list(f"{bank}0001300001{letter} {occurrence}".ljust(240))
    for (first, last), text in fields.items():
        line[first - 1 : last] = (
            text.rjust(last - first + 1, "0") if text.isdigit() else text.ljust(last - first + 1)
        )
    return "".join(line)


@pytest.mark.parametrize(
    ("bank", "number", "due", "face"),
    [("104", (38, 57), (74, 81), (82, 96)), ("033", (41, 53), (70, 77), (78, 92))],
)
def test_cnab_240_reads_segments_t_and_u(
    bank: str, number: tuple[int, int], due: tuple[int, int], face: tuple[int, int]
) -> None:
    t = segment(bank, "T", "06", {number: "7-X", due: "30092025", face: "10000"})
    u = segment(
        bank, "U", "06", {(78, 92): "9950", (93, 107): "9900", (138, 145): "02102025", (146, 153): "03102025"}
    )
    (title,) = records(cnab240(bank, t, u))["titles"]
    assert (title["our_number"], title["due_on"], title["face"]) == ("7-X", "2025-09-30", "100.00")
    assert (title["paid"], title["credited"], title["credited_on"], title["settled"]) == (
        "99.50",
        "99.00",
        "2025-10-03",
        True,
    )


def test_outgoing_files_are_refused() -> None:
    for text in (cnab400("237", way="1REMESSA"), cnab240("104", segment("104", "P", "01", {}), way="1")):
        with pytest.raises(Stop, match="outgoing_file"):
            records(text)


def test_qif_reads_the_order_of_its_dates_from_themselves() -> None:
    answer = records("!Type:Bank\nD13/10/25\nT-1,000.50\nPLuz\nN77\n^\nD1/2'25\nT2,000\n^\n")
    days = [entry["booked_on"] for entry in answer["statements"][0]["entries"]]
    assert (days, amounts(answer)) == (["2025-10-13", "2025-02-01"], ["-1000.50", "2000"])
    assert codes(records("!Type:Bank\nD1/2/25\nT20\n^\n")) == ["date_order"]


def test_banco_inter_moves_every_field() -> None:
    line = list("1".ljust(400))
    fields = {
        (71, 81): "00012345678", (90, 91): "06", (92, 97): "021025", (98, 107): "F-100", (119, 124): "300925",
        (125, 137): f"{10000:013d}", (160, 172): f"{9950:013d}",
    }  # fmt: skip
    for (first, last), text in fields.items():
        line[first - 1 : last] = text.ljust(last - first + 1)
    (title,) = records(cnab400("077", "".join(line)))["titles"]
    assert (title["our_number"], title["document"], title["due_on"]) == ("00012345678", "F-100", "2025-09-30")
    assert (title["face"], title["paid"], title["settled"]) == ("100.00", "99.50", True)


def test_an_ofx_line_without_a_date_is_told() -> None:
    answer = records(XML.replace("<DTPOSTED>20251002</DTPOSTED>", ""))
    assert (answer["statements"][0]["entries"][0]["booked_on"], codes(answer)) == (None, ["no_date"])


def end_of_lot(kind: str, cents: int, sign: str) -> str:
    return f"341{1:04d}{kind}".ljust(52) + "01234 000000567890".ljust(98) + f"{cents:018d}{sign} BRL"


def movement_e(cents: int, sign: str, category: str, document: str) -> str:
    line = f"341{1:04d}3{1:05d}E".ljust(134) + "0210202502102025" + f"{cents:018d}{sign}{category}0001"
    return line + "PAGAMENTO RECEBIDO".ljust(25) + document


def test_cnab_240_statements_have_lines_and_both_balances() -> None:
    body = [
        end_of_lot("1", 10000, "D"),
        movement_e(15000, "C", "202", "BOLETOS 02/10"),
        movement_e(2000, "D", "119", "CHEQUE 7"),
        end_of_lot("5", 3000, "C"),
    ]
    answer = records(cnab240("341", *body))
    (only,) = answer["statements"]
    assert (only["account"], only["currency"], only["opening"], only["closing"]) == (
        "000000567890",
        "BRL",
        "-100.00",
        "30.00",
    )
    assert amounts(answer) == ["150.00", "-20.00"]
    assert [(entry["reference"], entry["returned"]) for entry in only["entries"]] == [
        ("BOLETOS 02/10", False),
        ("CHEQUE 7", True),
    ]
    assert codes(answer) == []


def test_cnab_240_of_another_service_is_refused() -> None:
    with pytest.raises(Stop, match="other_service"):
        records(cnab240("341", segment("341", "A", "00", {})))
