"""Electronic documents: what is payable, in parts or whole, and what they settle; small invented files."""

import zlib

import pytest

from aldia.intake.einvoices.debts import identity_of
from aldia.intake.readers.stop import Stop
from tests.rooms.intake.records.reading import codes, records

UUID = "1F2E3D4C-0000-4000-8000-00000000000A"


def document(text: str | bytes) -> dict:
    (only,) = records(text)["documents"]
    return only


def cfdi(kind: str = "I", method: str = "MetodoPago='PPD'", body: str = "", total: str = "116.00") -> str:
    return (
        f"<cfdi:Comprobante xmlns:cfdi='http://www.sat.gob.mx/cfd/4' Version='4.0' Serie='A' Folio='7' Fecha='2025-10-02T23:59:59' "
        f"Moneda='MXN' Total='{total}' TipoDeComprobante='{kind}' {method}><cfdi:Emisor Rfc=' AAA010101AAA' Nombre='Sol'/>"
        f"<cfdi:Receptor Rfc='XEXX010101000'/>{body}<cfdi:Complemento><t:TimbreFiscalDigital xmlns:t='urn:t' UUID='{UUID}'/>"
        "</cfdi:Complemento></cfdi:Comprobante>"
    )


@pytest.mark.parametrize(
    ("kind", "method", "payable"),
    [
        ("I", "MetodoPago='PPD'", "116.00"),
        ("I", "MetodoPago='PUE'", "0"),
        ("I", "", None),
        ("E", "MetodoPago='PUE'", "116.00"),
        ("T", "", "0"),
    ],
)
def test_a_cfdi_is_payable_by_its_method(kind: str, method: str, payable: str | None) -> None:
    ours = document(cfdi(kind, method))
    assert (ours["payable"], ours["number"], ours["series"], ours["uuid"]) == (payable, "7", "A", UUID)
    assert (ours["issuer_id"], ours["issued_on"], ours["total"]) == ("AAA010101AAA", "2025-10-02", "116.00")


def test_a_payment_complement_settles_each_document_and_may_leave_the_amount_out() -> None:
    def pay(documents: str, amount: str) -> str:
        return f"<p:Pago xmlns:p='http://www.sat.gob.mx/Pagos20' FechaPago='2025-10-03T12:00:00' Monto='{amount}'>{documents}</p:Pago>"

    two = "".join(
        f"<p:DoctoRelacionado IdDocumento='U{n}' Folio='{n}' MonedaDR='USD' ImpPagado='{n}0.5'/>"
        for n in (1, 2)
    )
    alone = "<p:DoctoRelacionado IdDocumento='U3' MonedaDR='MXN'/>"
    settles = document(cfdi("P", "", pay(two, "31.00") + pay(alone, "5.00"), total="0"))["settles"]
    assert [(each["uuid"], each["number"], each["amount"], each["currency"]) for each in settles] == [
        ("U1", "1", "10.5", "USD"),
        ("U2", "2", "20.5", "USD"),
        ("U3", None, "5.00", "MXN"),
    ]


def test_a_credit_note_names_what_it_lowers_and_a_replacement_settles_nothing() -> None:
    related = "<cfdi:CfdiRelacionados TipoRelacion='{kind}'><cfdi:CfdiRelacionado UUID='U9'/></cfdi:CfdiRelacionados>"
    assert [each["uuid"] for each in document(cfdi("E", body=related.format(kind="01")))["settles"]] == ["U9"]
    assert document(cfdi("E", body=related.format(kind="04")))["settles"] == []


def test_a_cfdi_of_version_3_2_gives_its_totals_and_invents_no_terms() -> None:
    old = "<Comprobante version='3.2' folio='1' fecha='2014-01-02T00:00:00' total='10.00' tipoDeComprobante='ingreso' metodoDePago='x'/>"
    ours = document(old)
    assert (ours["type"], ours["total"], ours["payable"]) == ("invoice", "10.00", None)


def dte(kind: str = "33", form: str = "<FmaPago>2</FmaPago>", more: str = "") -> str:
    return (
        f"<DTE xmlns='http://www.sii.cl/SiiDte'><Documento ID='T'><Encabezado><IdDoc><TipoDTE>{kind}</TipoDTE><Folio>9</Folio>"
        f"<FchEmis>2025-10-02</FchEmis>{form}<FchVenc>2025-11-01</FchVenc></IdDoc><Emisor><RUTEmisor>1-9</RUTEmisor></Emisor>"
        "<Receptor><RUTRecep>2-7</RUTRecep></Receptor><Totales><MntTotal>11900</MntTotal></Totales></Encabezado>"
        f"{more}</Documento></DTE>"
    )


def test_a_chilean_document_is_payable_on_credit_only() -> None:
    assert [
        document(dte(form=form))["payable"] for form in ("<FmaPago>1</FmaPago>", "<FmaPago>2</FmaPago>", "")
    ] == ["0", "11900", "11900"]
    reference = "<Referencia><TpoDocRef>{kind}</TpoDocRef><FolioRef>8</FolioRef></Referencia>"
    note = document(dte("61", more=reference.format(kind="33") + reference.format(kind="801")))
    assert (note["type"], [each["number"] for each in note["settles"]], len(note["related"])) == (
        "credit_note",
        ["8"],
        2,
    )


def test_an_envelope_brings_all_its_documents_and_instalments() -> None:
    parts = "<MntPagos><FchPago>2025-11-01</FchPago><MntPago>5900</MntPago></MntPagos>" * 2
    body = dte(form="<FmaPago>2</FmaPago>" + parts)
    answer = records(f"<EnvioDTE xmlns='http://www.sii.cl/SiiDte'><SetDTE>{body}{dte()}</SetDTE></EnvioDTE>")
    assert [len(each["instalments"]) for each in answer["documents"]] == [2, 0]


def test_a_register_of_sales_joins_the_rows_of_a_document() -> None:
    text = (
        "Nro;Tipo Doc;Tipo Venta;Rut cliente;Razon Social;Folio;Fecha Docto;Monto total;Folio Docto. Referencia\r\n"
        "1;33;Del Giro;1-9; Sol ;10;02/10/2025;11900;\r\n;33;;;;10;;;\r\n2;61;Del Giro;1-9;Sol;11;03/10/2025;900;10\r\n"
    )
    first, second = records(text)["documents"]
    assert (first["receiver_id"], first["number"], first["total"], first["issued_on"]) == (
        "1-9",
        "10",
        "11900",
        "2025-10-02",
    )
    assert [each["number"] for each in second["settles"]] == ["10"]


UBL = "urn:oasis:names:specification:ubl:schema:xsd:{root}-2"


def ubl(root: str = "Invoice", body: str = "", payable: str = "80.00", code: str = "380") -> str:
    space = UBL.format(root=root)
    total = "RequestedMonetaryTotal" if root == "DebitNote" else "LegalMonetaryTotal"
    return (
        f"<{root} xmlns='{space}'><ID>F-1</ID><IssueDate>2025-10-02</IssueDate><{root}TypeCode>{code}</{root}TypeCode>"
        f"<DocumentCurrencyCode>EUR</DocumentCurrencyCode>{body}<AccountingSupplierParty><Party><PartyTaxScheme><CompanyID>OTRO</CompanyID>"
        "<TaxScheme><ID>TAX</ID></TaxScheme></PartyTaxScheme><PartyTaxScheme><CompanyID>ESB1</CompanyID><TaxScheme><ID>VAT</ID></TaxScheme>"
        "</PartyTaxScheme></Party></AccountingSupplierParty><AccountingCustomerParty><CustomerAssignedAccountID>20100100101"
        f"</CustomerAssignedAccountID></AccountingCustomerParty><{total}><TaxInclusiveAmount>100.00</TaxInclusiveAmount>"
        f"<PayableAmount currencyID='EUR'>{payable}</PayableAmount></{total}></{root}>"
    )


BILLED = (
    "<BillingReference><InvoiceDocumentReference><ID>F-0</ID></InvoiceDocumentReference></BillingReference>"
)


def test_ubl_payable_is_what_remains_and_the_due_date_is_never_the_day_of_issue() -> None:
    ours = document(ubl())
    assert (ours["total"], ours["payable"], ours["due_on"]) == ("100.00", "80.00", None)
    assert (ours["issuer_id"], ours["receiver_id"]) == ("ESB1", "20100100101")
    means = "<PaymentMeans><PaymentDueDate>2025-11-01</PaymentDueDate></PaymentMeans>"
    assert document(ubl(body=means))["due_on"] == "2025-11-01"


@pytest.mark.parametrize(
    ("root", "payable", "code", "kind", "settles"),
    [
        ("CreditNote", "80.00", "381", "credit_note", ["F-0"]),
        ("Invoice", "-80.00", "380", "invoice", ["F-0"]),
        ("Invoice", "80.00", "380", "invoice", []),
        ("DebitNote", "80.00", "92", "debit_note", []),
    ],
)
def test_ubl_notes_settle_what_they_lower(
    root: str, payable: str, code: str, kind: str, settles: list[str]
) -> None:
    ours = document(ubl(root, BILLED, payable, code))
    assert (ours["type"], [each["number"] for each in ours["settles"]]) == (kind, settles)
    assert [each["number"] for each in ours["related"]] == ["F-0"]


def test_peruvian_instalments_and_no_withholding_among_them() -> None:
    terms = (
        "<PaymentTerms><ID>{name}</ID><PaymentMeansID>Cuota001</PaymentMeansID><Amount>40.00</Amount>"
        "<PaymentDueDate>2025-11-01</PaymentDueDate></PaymentTerms>"
    )
    ours = document(ubl(body=terms.format(name="FormaPago") * 2 + terms.format(name="Detraccion")))
    assert [(each["due_on"], each["amount"]) for each in ours["instalments"]] == [("2025-11-01", "40.00")] * 2


WRAPPER = (
    "<AttachedDocument xmlns='urn:oasis:names:specification:ubl:schema:xsd:AttachedDocument-2'><Attachment><ExternalReference>"
    "<Description><![CDATA[{inner}]]></Description></ExternalReference></Attachment></AttachedDocument>"
)


def test_a_colombian_wrapper_is_opened_and_its_content_is_as_suspect_as_any() -> None:
    assert document(WRAPPER.format(inner=ubl()))["number"] == "F-1"
    with pytest.raises(Stop, match="xml_entities"):
        records(WRAPPER.format(inner="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"))


@pytest.mark.parametrize(
    "start",
    ["<?xml version='1.0' encoding='ISO-8859-1'?>", "\ufeff\n<?xml version='1.0' encoding='utf-16'?>"],
)
def test_what_a_wrapped_document_declares_of_its_letters_no_longer_counts(start: str) -> None:
    ours = document(WRAPPER.format(inner=start + ubl().replace("F-1", "Ñ-1")))
    assert ours["number"] == "Ñ-1"


@pytest.mark.parametrize("really", ["utf-8", "utf-8-sig", "latin-1"])
def test_one_byte_a_letter_declared_and_another_written_keeps_the_letters(really: str) -> None:
    text = "<?xml version='1.0' encoding='ISO-8859-1'?>" + ubl().replace("F-1", "Ñ-1")
    assert document(text.encode(really))["number"] == "Ñ-1"


def test_documents_of_several_formats_in_one_envelope_are_all_read() -> None:
    found = records(f"<Lote>{dte()}{nfe('')}{dte()}</Lote>")["documents"]
    assert [each["format"] for each in found] == ["DTE", "NF-e", "DTE"]


def sunat(kind: str, line: str, body: str) -> str:
    return (
        f"<{kind} xmlns='urn:sunat:names:specification:ubl:peru:schema:xsd:{kind}-1'><ID>RA-1</ID><AccountingSupplierParty>"
        f"<CustomerAssignedAccountID>20480072872</CustomerAssignedAccountID></AccountingSupplierParty><{line}>"
        f"<DocumentTypeCode>01</DocumentTypeCode>{body}</{line}></{kind}>"
    )


def test_peruvian_communications_end_documents_by_their_number() -> None:
    place = "<DocumentSerialID>F001</DocumentSerialID><DocumentNumberID>7</DocumentNumberID>"
    ours = document(sunat("VoidedDocuments", "VoidedDocumentsLine", place))
    assert (ours["type"], ours["type_code"], ours["number"], ours["issuer_id"]) == (
        "cancellation",
        "01",
        "F001-7",
        "20480072872",
    )
    said = "<ID>B001-7</ID><Status><ConditionCode>{}</ConditionCode></Status>"
    assert document(sunat("SummaryDocuments", "SummaryDocumentsLine", said.format(3)))["number"] == "B001-7"
    with pytest.raises(Stop, match="no_document"):
        records(sunat("SummaryDocuments", "SummaryDocumentsLine", said.format(1)))


def test_cross_industry_invoice_with_parts() -> None:
    part = (
        "<SpecifiedTradePaymentTerms><DueDateDateTime><DateTimeString format='102'>{day}</DateTimeString></DueDateDateTime>"
        "<PartialPaymentAmount>50</PartialPaymentAmount></SpecifiedTradePaymentTerms>"
    )
    ours = document(
        "<rsm:CrossIndustryInvoice xmlns:rsm='urn:r'><ExchangedDocument><ID>F-1</ID><TypeCode>380</TypeCode><IssueDateTime>"
        "<DateTimeString format='102'>20251002</DateTimeString></IssueDateTime></ExchangedDocument><SupplyChainTradeTransaction>"
        "<ApplicableHeaderTradeAgreement><SellerTradeParty><SpecifiedTaxRegistration><ID schemeID='FC'>1</ID></SpecifiedTaxRegistration>"
        "<SpecifiedTaxRegistration><ID schemeID='VA'>DE1</ID></SpecifiedTaxRegistration></SellerTradeParty></ApplicableHeaderTradeAgreement>"
        f"<ApplicableHeaderTradeSettlement><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>{part.format(day='20251201')}{part.format(day='20251101')}"
        "<SpecifiedTradeSettlementHeaderMonetarySummation><GrandTotalAmount>110</GrandTotalAmount><DuePayableAmount>100</DuePayableAmount>"
        "</SpecifiedTradeSettlementHeaderMonetarySummation></ApplicableHeaderTradeSettlement></SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    )
    assert (ours["issuer_id"], ours["issued_on"], ours["due_on"], ours["payable"]) == (
        "DE1",
        "2025-10-02",
        "2025-11-01",
        "100",
    )
    assert [each["amount"] for each in ours["instalments"]] == ["50", "50"]


def facturae(total: str = "121.00", outputs: str = "21.00", corrective: str = "") -> str:
    return (
        "<fe:Facturae xmlns:fe='http://www.facturae.es/Facturae/2014/v3.2.1/Facturae'><Parties><SellerParty><TaxIdentification>"
        "<TaxIdentificationNumber>B1</TaxIdentificationNumber></TaxIdentification></SellerParty></Parties><Invoices><Invoice><InvoiceHeader>"
        f"<InvoiceNumber>7</InvoiceNumber><InvoiceSeriesCode>S</InvoiceSeriesCode>{corrective}</InvoiceHeader><InvoiceIssueData>"
        "<IssueDate>2025-10-02</IssueDate><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode></InvoiceIssueData><TaxesOutputs><Tax><TaxAmount>"
        f"<TotalAmount>21.00</TotalAmount></TaxAmount></Tax></TaxesOutputs><InvoiceTotals><TotalGrossAmountBeforeTaxes>100.00"
        f"</TotalGrossAmountBeforeTaxes><TotalTaxOutputs>{outputs}</TotalTaxOutputs><TotalTaxesWithheld>0.00</TotalTaxesWithheld>"
        f"<InvoiceTotal>{total}</InvoiceTotal><TotalExecutableAmount>{total}</TotalExecutableAmount></InvoiceTotals><PaymentDetails>"
        "<Installment><InstallmentDueDate>2025-11-01</InstallmentDueDate><InstallmentAmount>121.00</InstallmentAmount></Installment>"
        "</PaymentDetails></Invoice></Invoices></fe:Facturae>"
    )


def test_facturae_with_instalments_and_sums_that_do_not_add_up() -> None:
    answer = records(facturae())
    (ours,) = answer["documents"]
    assert (ours["number"], ours["series"], ours["due_on"], ours["payable"]) == (
        "7",
        "S",
        "2025-11-01",
        "121.00",
    )
    assert codes(answer) == []
    assert codes(records(facturae(total="99.00"))) == ["total_mismatch"]
    assert codes(records(facturae(outputs="22.00"))) == ["total_mismatch"] * 2


def test_a_negative_corrective_lowers_what_it_corrects() -> None:
    ours = document(
        facturae(total="-121.00", corrective="<Corrective><InvoiceNumber>6</InvoiceNumber></Corrective>")
    )
    assert (ours["type"], [each["number"] for each in ours["settles"]]) == ("credit_note", ["6"])
    assert ours["replaces"] == []


def test_a_corrective_in_full_takes_the_place_of_the_invoice_as_it_entered() -> None:
    body = "<InvoiceClass>OO</InvoiceClass>"
    first = document(facturae(corrective=body))
    named = "<InvoiceNumber>7</InvoiceNumber><InvoiceSeriesCode>S</InvoiceSeriesCode><CorrectionMethod>{}</CorrectionMethod>"
    full, part = (
        document(facturae(corrective=f"<Corrective>{named.format(way)}</Corrective>")) for way in ("01", "02")
    )
    assert (full["type"], full["replaces"], part["replaces"]) == ("invoice", [identity_of(first)], [])
    assert [(each["series"], each["number"]) for each in full["related"]] == [("S", "7")]


def nfe(charges: str = "", payments: str = "", purpose: str = "1", test: str = "1") -> str:
    return (
        "<nfeProc xmlns='http://www.portalfiscal.inf.br/nfe'><NFe><infNFe Id='NFe3519' versao='4.00'><ide><serie>1</serie><nNF>8</nNF>"
        f"<dhEmi>2025-10-02T10:00:00-03:00</dhEmi><tpAmb>{test}</tpAmb><finNFe>{purpose}</finNFe><NFref><refNFe>3518</refNFe></NFref></ide>"
        f"<emit><CNPJ>1</CNPJ></emit><dest><CPF>2</CPF></dest><total><ICMSTot><vNF>90.00</vNF></ICMSTot></total>{charges}<pag>{payments}</pag>"
        "</infNFe></NFe><protNFe><infProt><chNFe>3519</chNFe><cStat>100</cStat></infProt></protNFe></nfeProc>"
    )


def test_duplicatas_are_the_instalments_and_must_give_the_net_amount() -> None:
    parts = "<dup><nDup>{n}</nDup><dVenc>2025-1{n}-01</dVenc><vDup>45.00</vDup></dup>"
    charges = "<cobr><fat><vLiq>{net}</vLiq></fat>" + parts.format(n=1) + parts.format(n=2) + "</cobr>"
    answer = records(nfe(charges.format(net="90.00")))
    (ours,) = answer["documents"]
    assert (ours["payable"], ours["due_on"], ours["uuid"], ours["state"]) == (
        "90.00",
        "2025-11-01",
        "3519",
        "authorised",
    )
    assert ([each["amount"] for each in ours["instalments"]], codes(answer)) == (["45.00", "45.00"], [])
    assert codes(records(nfe(charges.format(net="91.00")))) == ["total_mismatch"]


@pytest.mark.parametrize(
    ("payments", "payable"),
    [
        ("<detPag><indPag>1</indPag><tPag>15</tPag></detPag>", "90.00"),
        ("<detPag><indPag>0</indPag><tPag>01</tPag></detPag>", "0"),
        ("<detPag><tPag>99</tPag></detPag>", "0"),
        ("<detPag><indPag>1</indPag><tPag>90</tPag></detPag>", "0"),
    ],
)
def test_without_duplicatas_only_a_deferred_payment_is_owed(payments: str, payable: str) -> None:
    assert document(nfe(payments=payments))["payable"] == payable


def test_a_devolution_settles_what_it_refers_to_and_a_test_document_is_told() -> None:
    assert [each["uuid"] for each in document(nfe(purpose="4"))["settles"]] == ["3518"]
    assert codes(records(nfe(test="2"))) == ["test_document"]
    assert [document(nfe(purpose=each))["type"] for each in "56"] == ["credit_note", "debit_note"]


def test_a_document_in_an_envelope_is_found() -> None:
    assert (
        document(
            f"<StandardBusinessDocument><StandardBusinessDocumentHeader/>{ubl()}</StandardBusinessDocument>"
        )["number"]
        == "F-1"
    )


CII = b"""<?xml version="1.0"?><CrossIndustryInvoice><ExchangedDocument><ID>F-9</ID></ExchangedDocument><SupplyChainTradeTransaction>
<ApplicableHeaderTradeSettlement/></SupplyChainTradeTransaction></CrossIndustryInvoice>"""


def _pdf(content: bytes, *, is_packed: bool) -> bytes:
    """A page that says nothing, and a file attached to it."""
    packed, how = (zlib.compress(content), b"/Filter /FlateDecode") if is_packed else (content, b"")
    page = b"%PDF-1.7\n1 0 obj\n<< /Length 2 >>\nstream\nq\nendstream\nendobj\n"
    return (
        page
        + b"2 0 obj\n<< /Type /EmbeddedFile "
        + how
        + b" >>\nstream\r\n"
        + packed
        + b"\nendstream\nendobj\n%%EOF"
    )


@pytest.mark.parametrize("is_packed", [True, False])
def test_the_document_that_a_hybrid_invoice_carries_in_its_pdf(is_packed: bool) -> None:
    assert records(_pdf(CII, is_packed=is_packed))["documents"][0]["number"] == "F-9"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n%%EOF", "not_a_record_file"),
        (_pdf(b"\x89PNG", is_packed=True), "not_a_record_file"),
        (_pdf(b"0" * (33 * 1024 * 1024), is_packed=True), "unpacks_too_big"),
        (b"%PDF-1.7\n" + b"/EmbeddedFile stream\n" * 100_000, "not_a_record_file"),
    ],
)
def test_a_pdf_without_a_document_or_that_unpacks_too_big_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Stop) as caught:
        records(content)
    assert caught.value.code == code
