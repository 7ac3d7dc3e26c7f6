"""Bank files as hosts, old programs and careless exports write them: invented, one habit each."""

import pytest

from aldia.intake.readers.stop import Stop
from tests.rooms.intake.records.reading import amounts, codes, records

N43_HEAD = "1100810001" + "0001234567" + "250101250131" + "2" + "00000000100000" + "978" + "3" + "EMPRESA SA"
N43_LINE = "22    0001" + "250102250103" + "12345" + "2" + "00000000005000" + "0000000000" + "000000000000"
N43_END = (
    "3300810001"
    + "0001234567"
    + "00000"
    + "0" * 14
    + "00001"
    + "00000000005000"
    + "2"
    + "00000000105000"
    + "978"
)
NORMA43 = [N43_HEAD.ljust(80), N43_LINE.ljust(80), N43_END.ljust(80), ("88" + "9" * 18 + "000003").ljust(80)]


def _placed(width: int, *fields: tuple[int, str]) -> str:
    line = [" "] * width
    for first, text in fields:
        line[first - 1 : first - 1 + len(text)] = text
    return "".join(line)


CNAB400 = [
    _placed(400, (1, "02RETORNO01COBRANCA"), (77, "237BRADESCO")),
    _placed(400, (1, "1"), (71, "000000012345"), (109, "06160125DOC1"), (147, "150125" + "0000000010000"), (228, "0" * 26),
            (254, "0000000010000" + "0" * 13)),
    _placed(400, (1, "9")),
]  # fmt: skip
CNAB240 = [
    _placed(240, (1, "00100000"), (143, "2")),
    _placed(240, (1, "0010001300001T 06"), (38, "777"), (74, "15012025" + "000000000010000")),
    _placed(240, (1, "0010001300002U 06"), (18, "0" * 60), (78, "000000000010000" * 2), (108, "0" * 30), (138, "1601202517012025")),
]  # fmt: skip


@pytest.mark.parametrize("between", ["", "\r", "\r\n", "\n"])
def test_records_of_fixed_width_are_found_whatever_ends_them(between: str) -> None:
    assert records(between.join(NORMA43))["statements"][0]["closing"] == "1050.00"
    assert [title["paid"] for title in records(between.join(CNAB400))["titles"]] == ["100.00"]
    assert [title["our_number"] for title in records(between.join(CNAB240))["titles"]] == ["777"]


@pytest.mark.parametrize(
    "cut",
    [
        "\n".join(NORMA43)[:120],  # in the amount of a movement
        "\n".join(CNAB400)[: 401 + 260],
        "\n".join(CNAB240)[: 2 * 241 + 85],
    ],
)
def test_half_an_amount_is_never_read_as_another_amount(cut: str) -> None:
    with pytest.raises(Stop) as caught:
        records(cut)
    assert caught.value.code == "truncated_file"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"])
def test_wide_letters_are_read_with_or_without_a_mark(encoding: str) -> None:
    assert amounts(records("\r\n".join(NORMA43).encode(encoding))) == ["50.00"]


def test_what_old_systems_leave_behind_the_last_line_is_no_record() -> None:
    assert amounts(records("\r\n".join(NORMA43) + "\r\n\x1a")) == ["50.00"]
    assert amounts(records("\r\n".join(NORMA43).encode() + b"\0\0\0")) == ["50.00"]


def _mt940(*lines: str) -> str:
    return "\n".join((":20:X", ":25:ES1", ":28C:1", ":60F:C251231EUR10,", *lines))


@pytest.mark.parametrize("mark", ["?", "<", "~", "^"])
def test_numbered_fields_behind_any_mark_of_the_bank(mark: str) -> None:
    told = mark.join(["166", "00ABONO", "20EREF+AB", "21C-1", "22SVWZ+FACTURA 7", "32Juan ", "33Sol"])
    answer = records(_mt940(":61:2512311231C5,NTRFNONREF", f":86:{told}", ":62F:C251231EUR15,"))
    (entry,) = answer["statements"][0]["entries"]
    assert entry["reference"] == "ABC-1"
    assert entry["text"] == "EREF+ABC-1SVWZ+FACTURA 7 Juan Sol"


def test_a_text_that_begins_like_a_code_is_kept_whole() -> None:
    (entry,) = records(_mt940(":61:251231C5,NTRFX", ":86:020/12 CUOTA", ":62F:C251231EUR15,"))["statements"][
        0
    ]["entries"]
    assert entry["text"] == "020/12 CUOTA"


def test_pages_of_one_message_close_with_the_last_balance() -> None:
    pages = [
        ":61:251231C5,NTRFA",
        ":62M:C251231EUR15,",
        ":60M:C251231EUR15,",
        ":61:251231D1,NTRFB",
        ":62F:C251231EUR14,",
    ]
    answer = records(_mt940(*pages))
    assert (answer["statements"][0]["opening"], answer["statements"][0]["closing"]) == ("10", "14")
    assert codes(answer) == []


def test_what_is_only_expected_is_not_booked() -> None:
    answer = records(_mt940(":61:251231 1231 EC5,NTRFA", ":61:251231C1,NTRFB", ":62F:C251231EUR11,"))
    assert [entry["is_pending"] for entry in answer["statements"][0]["entries"]] == [True, False]
    assert codes(answer) == []


OFX = """OFXHEADER:100\nCHARSET:1252\n
<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>brl<BANKACCTFROM><ACCTID>9</BANKACCTFROM><BANKTRANLIST><STMTTRN><TRNTYPE>DEBIT
<DTPOSTED>20250102<TRNAMT>-5.00<FITID>1<PAYEE><NAME>Jos\xe9<ADDR1>Rua 1</PAYEE><MEMO>luz</STMTTRN></BANKTRANLIST></STMTRS></OFX>"""


@pytest.mark.parametrize("written", ["utf-8", "cp1252"])
def test_ofx_that_declares_one_character_set_and_writes_another(written: str) -> None:
    (only,) = records(OFX.encode(written))["statements"]
    assert (only["currency"], only["entries"][0]["text"]) == ("BRL", "José luz")


def test_each_account_of_a_qif_is_a_statement() -> None:
    accounts = "!Account\nN%s\nTBank\n^\n!Type:Bank\nD%s\nT%s\n^\n"
    answer = records(accounts % ("Caja", "2025-01-02", "1") + accounts % ("Banco", "2025-02-03", "-2"))
    told = [(each["account"], each["entries"][0]["booked_on"]) for each in answer["statements"]]
    assert told == [("Caja", "2025-01-02"), ("Banco", "2025-02-03")]
    assert amounts(answer) == ["1", "-2"]
    assert codes(answer) == []  # a year that comes first leaves no doubt


CAMT = """<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<Stmt><Id>S</Id><Acct><Id><IBAN>ES1</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">5</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry></Stmt>
</BkToCstmrStmt></Document>"""


def test_xml_deep_in_an_envelope_or_with_padding_behind_it() -> None:
    inside = CAMT.partition("?>")[2]
    soap = f'<s:Envelope xmlns:s="urn:s"><s:Body><answer><file>{inside}</file></answer></s:Body></s:Envelope>'
    for content in (soap, CAMT + "\n\x1a", CAMT + "\0\0"):
        assert amounts(records(content)) == ["5"]
    assert amounts(records(CAMT.replace("UTF-8", "UTF-16").encode("utf-16-le"))) == ["5"]
