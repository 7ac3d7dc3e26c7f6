"""Electronic documents of our own making, as small as each format allows."""

from collections.abc import Iterable, Mapping

SOL = "AAA010101AAA"  # who issues


def cfdi(
    uuid: str,
    total: str = "116.00",
    *,
    kind: str = "I",
    method: str = "PPD",
    receiver: str = "XIA190128J61",
    name: str = "Xenon Industrial",
    issuer: str = SOL,
    body: str = "",
    on: str = "2026-01-10",
    currency: str = "MXN",
) -> str:
    """One CFDI 4.0."""
    stamp = f"<t:TimbreFiscalDigital xmlns:t='urn:t' UUID='{uuid}'/>" if uuid else ""
    return (
        "<cfdi:Comprobante xmlns:cfdi='http://www.sat.gob.mx/cfd/4' Version='4.0' Serie='A' "
        f"Folio='{uuid[-4:]}' Fecha='{on}T10:00:00' Moneda='{currency}' Total='{total}' TipoDeComprobante='{kind}' "
        f"MetodoPago='{method}'><cfdi:Emisor Rfc='{issuer}' Nombre='Sol de Prueba'/>"
        f"<cfdi:Receptor Rfc='{receiver}' Nombre='{name}'/>{body}"
        f"<cfdi:Complemento>{stamp}</cfdi:Complemento></cfdi:Comprobante>"
    )


def lowers(*uuids: str) -> str:
    """What a credit note names."""
    named = "".join(f"<cfdi:CfdiRelacionado UUID='{uuid}'/>" for uuid in uuids)
    return f"<cfdi:CfdiRelacionados TipoRelacion='01'>{named}</cfdi:CfdiRelacionados>"


def complement(
    uuid: str, paid: Iterable[tuple[str, str]], *, on: str = "2026-02-01", currency: str = "MXN"
) -> str:
    """A payment complement: (uuid, amount) of each document that it pays."""
    documents = "".join(
        f"<p:DoctoRelacionado IdDocumento='{each}' MonedaDR='{currency}' ImpPagado='{amount}'/>"
        for each, amount in paid
    )
    body = f"<p:Pago xmlns:p='http://www.sat.gob.mx/Pagos20' FechaPago='{on}T12:00:00'>{documents}</p:Pago>"
    return cfdi(uuid, "0", kind="P", method="", body=body, on=on, currency="XXX")


NFE_KEY = "35260112345678000195550010000000011000000019"


def nfe(parts: Mapping[str, str], *, key: str = NFE_KEY, status: str = "100", environment: str = "1") -> str:
    """One NF-e with its duplicatas (due date -> amount)."""
    total = f"{sum(float(each) for each in parts.values()):.2f}"
    dups = "".join(
        f"<dup><nDup>{place:03}</nDup><dVenc>{due}</dVenc><vDup>{amount}</vDup></dup>"
        for place, (due, amount) in enumerate(parts.items(), 1)
    )
    return (
        "<nfeProc xmlns='http://www.portalfiscal.inf.br/nfe'><NFe>"
        f"<infNFe versao='4.00' Id='NFe{key}'><ide><serie>1</serie><nNF>1</nNF><dhEmi>2026-01-05T08:00:00-03:00</dhEmi>"
        f"<tpAmb>{environment}</tpAmb><finNFe>1</finNFe></ide><emit><CNPJ>12345678000195</CNPJ><xNome>Luz</xNome></emit>"
        "<dest><CNPJ>11222333000181</CNPJ><xNome>Campo Verde</xNome></dest>"
        f"<total><ICMSTot><vNF>{total}</vNF></ICMSTot></total><cobr><fat><vLiq>{total}</vLiq></fat>{dups}</cobr>"
        f"</infNFe></NFe><protNFe><infProt><chNFe>{key}</chNFe><cStat>{status}</cStat></infProt></protNFe></nfeProc>"
    )


def ubl(
    number: str, payable: str, *, total: str = "", due: str = "", root: str = "Invoice", names: str = ""
) -> str:
    """A UBL invoice or credit note in euros."""
    code = "381" if root == "CreditNote" else "380"
    billed = f"<BillingReference><InvoiceDocumentReference><ID>{names}</ID></InvoiceDocumentReference></BillingReference>"
    return (
        f"<{root} xmlns='urn:oasis:names:specification:ubl:schema:xsd:{root}-2'><ID>{number}</ID>"
        f"<IssueDate>2026-01-02</IssueDate>{f'<DueDate>{due}</DueDate>' if due else ''}<{root}TypeCode>{code}</{root}TypeCode>"
        f"<DocumentCurrencyCode>EUR</DocumentCurrencyCode>{billed if names else ''}"
        "<AccountingSupplierParty><Party><PartyTaxScheme><CompanyID>ESB58378431</CompanyID><TaxScheme><ID>VAT</ID>"
        "</TaxScheme></PartyTaxScheme></Party></AccountingSupplierParty><AccountingCustomerParty><Party><PartyLegalEntity>"
        "<RegistrationName>Norte SL</RegistrationName><CompanyID>B65410011</CompanyID></PartyLegalEntity></Party>"
        f"</AccountingCustomerParty><LegalMonetaryTotal><TaxInclusiveAmount>{total or payable}</TaxInclusiveAmount>"
        f"<PayableAmount currencyID='EUR'>{payable}</PayableAmount></LegalMonetaryTotal></{root}>"
    )
