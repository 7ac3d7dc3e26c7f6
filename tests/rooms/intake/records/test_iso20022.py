"""camt and pain.002: directions, reversals, pending lines, batches, returns; any version and namespace."""

import pytest

from aldia.intake.readers.stop import Stop
from tests.rooms.intake.records.reading import amounts, codes, records

BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>"
    "<Dt><Dt>2025-10-01</Dt></Dt></Bal>"
)


def entry(
    amount: str, sign: str, *, status: str = "<Sts>BOOK</Sts>", details: str = "", more: str = ""
) -> str:
    return (
        f"<Ntry><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}{status}"
        f"<BookgDt><DtTm>2025-10-02T23:30:00-03:00</DtTm></BookgDt><ValDt><Dt>2025-10-03</Dt></ValDt>"
        f"<AcctSvcrRef>B-1</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def statement(body: str, *, space: str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08") -> str:
    head = "<Id>S1</Id><Acct><Id><IBAN>ES7921000813610123456789</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Document xmlns='{space}'><BkToCstmrStmt><GrpHdr/>"
        f"<Stmt>{head}{body}</Stmt></BkToCstmrStmt></Document>"
    )


def transaction(more: str, *, amount: str = "5.00") -> str:
    return f"<TxDtls><Refs><EndToEndId>F-1</EndToEndId></Refs><Amt Ccy='EUR'>{amount}</Amt>{more}</TxDtls>"


def test_signs_dates_and_balances() -> None:
    opening = BALANCE.format(kind="OPBD", amount="10.00", sign="DBIT")
    closing = BALANCE.format(kind="CLBD", amount="3.00", sign="DBIT")
    answer = records(statement(opening + closing + entry("12.00", "CRDT") + entry("5.00", "DBIT")))
    (only,) = answer["statements"]
    assert (only["account"], only["opening"], only["closing"]) == (
        "ES7921000813610123456789",
        "-10.00",
        "-3.00",
    )
    assert amounts(answer) == ["12.00", "-5.00"]
    assert [(each["booked_on"], each["valued_on"]) for each in only["entries"]] == [
        ("2025-10-02", "2025-10-03")
    ] * 2
    assert codes(answer) == []


def test_a_reversal_keeps_the_written_direction_and_a_return_names_its_reason() -> None:
    returned = transaction("<RtrInf><Rsn><Cd>AC06</Cd></Rsn></RtrInf>")
    body = entry("5.00", "DBIT", more="<RvslInd>true</RvslInd>") + entry("5.00", "DBIT", details=returned)
    answer = records(statement(body))
    assert amounts(answer) == ["-5.00", "-5.00"]
    assert [(each["returned"], each["reason"]) for each in answer["statements"][0]["entries"]] == [
        (True, None),
        (True, "AC06"),
    ]
    assert [(each["reference"], each["amount"], each["reason"]) for each in answer["returns"]] == [
        ("F-1", "5.00", "AC06")
    ]


def test_pending_lines_are_told_apart_and_do_not_count_in_the_balance() -> None:
    balances = BALANCE.format(kind="OPBD", amount="1.00", sign="CRDT") + BALANCE.format(
        kind="CLBD", amount="1.00", sign="CRDT"
    )
    answer = records(statement(balances + entry("9.00", "CRDT", status="<Sts><Cd>PDNG</Cd></Sts>")))
    assert answer["statements"][0]["entries"][0]["is_pending"]
    assert codes(answer) == []


def test_a_batch_lists_its_payments() -> None:
    party = "<RltdPties><Dbtr><Pty><Nm>Ana Sol</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>Factura 1</Ustrd></RmtInf>"
    answer = records(statement(entry("10.00", "CRDT", details=transaction(party) + transaction(party))))
    (only,) = answer["statements"][0]["entries"]
    assert (only["amount"], only["reference"], len(only["transactions"])) == ("10.00", "B-1", 2)
    first = only["transactions"][0]
    assert (first["amount"], first["reference"], first["party"], first["text"]) == (
        "5.00",
        "F-1",
        "Ana Sol",
        "Factura 1",
    )


@pytest.mark.parametrize("way", ["<Dbtr>{}</Dbtr>", "<Dbtr><Pty>{}</Pty></Dbtr>"])
def test_who_pays_is_known_by_the_tax_id_too(way: str) -> None:
    person = "<Nm>Sol</Nm><Id><PrvtId><Othr><Id>12.345.678-5</Id></Othr></PrvtId></Id>"
    details = transaction(f"<RltdPties>{way.format(person)}</RltdPties>")
    (line,) = records(statement(entry("5.00", "CRDT", details=details)))["statements"][0]["entries"]
    assert [(part["party"], part["party_tax_id"]) for part in line["transactions"]] == [
        ("Sol", "12.345.678-5")
    ]


def test_all_the_messages_of_an_envelope_are_read() -> None:
    each = statement(entry("5.00", "CRDT")).partition("?>")[2]
    answer = records(
        f"<Lote><Cuerpo>{each}</Cuerpo><Firma/><Cuerpo>{each.replace('S1', 'S2')}</Cuerpo></Lote>"
    )
    assert [each["number"] for each in answer["statements"]] == ["S1", "S2"]


def test_mixed_currencies_are_told_instead_of_added() -> None:
    balances = BALANCE.format(kind="OPBD", amount="1.00", sign="CRDT") + BALANCE.format(
        kind="CLBD", amount="2.00", sign="CRDT"
    )
    answer = records(statement(balances + entry("1.00", "CRDT").replace("EUR", "USD")))
    assert codes(answer) == ["mixed_currencies"]


@pytest.mark.parametrize("space", ["urn:iso:std:iso:20022:tech:xsd:camt.053.001.02", "urn:otro:banco", ""])
def test_any_namespace_and_utf16(space: str) -> None:
    text = statement(entry("1.00", "CRDT"), space=space).replace("UTF-8", "UTF-16")
    assert amounts(records(text.encode("utf-16"))) == ["1.00"]


def test_an_empty_statement_file_and_the_first_draft_are_refused() -> None:
    with pytest.raises(Stop, match="no_statement"):
        records("<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>")
    with pytest.raises(Stop, match="xml_unknown"):
        records("<Document><BkToCstmrAcctRptV01/></Document>")


def rejected(transactions: str, *, batch: str = "", group: str = "") -> str:
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.03'><CstmrPmtStsRpt><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>M1</OrgnlMsgId><OrgnlCtrlSum>30</OrgnlCtrlSum>{group}</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
        f"<OrgnlPmtInfId>P1</OrgnlPmtInfId><OrgnlCtrlSum>30</OrgnlCtrlSum>{batch}{transactions}"
        f"</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )


def payment(status: str, reference: str) -> str:
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId>{status}<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn>"
        "</StsRsnInf><OrgnlTxRef><Amt><InstdAmt Ccy='EUR'>15.5</InstdAmt></Amt><ReqdColltnDt>2025-10-09</ReqdColltnDt>"
        "</OrgnlTxRef></TxInfAndSts>"
    )


def test_only_what_was_rejected_comes_back() -> None:
    body = payment("<TxSts>RJCT</TxSts>", "F-1") + payment("<TxSts>ACSP</TxSts>", "F-2")
    (only,) = records(rejected(body))["returns"]
    assert (only["reference"], only["amount"], only["reason"], only["on"]) == (
        "F-1",
        "15.5",
        "AM04",
        "2025-10-09",
    )


def test_a_batch_or_a_message_rejected_whole() -> None:
    whole = records(rejected("", batch="<PmtInfSts>RJCT</PmtInfSts>"))["returns"]
    assert [(each["reference"], each["amount"]) for each in whole] == [("P1", "30")]
    named = records(rejected(payment("", "F-1"), group="<GrpSts>RJCT</GrpSts>"))["returns"]
    assert [each["reference"] for each in named] == ["F-1"]


def test_what_goes_out_to_the_bank_is_no_answer_of_it_and_the_first_report_had_another_name() -> None:
    with pytest.raises(Stop) as caught:
        records(
            "<Document xmlns='urn:x:pain.008.001.02'><CstmrDrctDbtInitn><GrpHdr/></CstmrDrctDbtInitn></Document>"
        )
    assert caught.value.code == "outgoing_file"
    first = (
        "<Document xmlns='urn:x:pain.002.001.02'><pain.002.001.02><GrpHdr/><TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId>"
        "<TxSts>RJCT</TxSts><StsRsnInf><StsRsn><Cd>AC01</Cd></StsRsn></StsRsnInf></TxInfAndSts></pain.002.001.02></Document>"
    )
    (only,) = records(first)["returns"]
    assert (only["reference"], only["reason"]) == ("E1", "AC01")
