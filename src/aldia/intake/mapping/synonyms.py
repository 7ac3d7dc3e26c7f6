"""Headings known for each field, as sets of plain tokens (see `names`), with how much each is worth."""

from aldia.intake.mapping.fields import CONSENTS, Kind
from aldia.intake.mapping.names import tokens_of

STRONG, FAIR, WEAK = 1.0, 0.85, 0.7

_WHO = {
    "customer_id": (
        "customer number | customer id | entidade | customer code | id customer | customer account |"
        " account customer number | customer no"
        " | sold to party | payer code | sap customer | customerid | numero socio | legajo |"
        " matricula | cuit customer id",
        "customer key | member id | party id | contact id | id contact | debitor |"
        " account number | code account | party code"
        " | party number | subscriber | abonado id | id externo",
        "customer | id | code | account",
    ),
    "customer_name": (
        "customer name | razon social | name razon social | social customer | name social |"
        " denominacion | name legal | company name"
        " | name 1 | account name | full name | apellido name | name apellido | name completo | empresa | nome completo |"
        " company | name1",
        "business name | trade name | name fantasia | denominacion social | party name |"
        " contact name | name contacto | name contato | apellidos name | partner | partner name | name tercero | tercero |"
        " invoice partner display name | empresa mostrar invoice | customer display name |"
        " name empresa mostrar invoice | name contacto mostrar invoice | name contacto invoice |"
        " name parceiro exibicao invoice",
        "name | customer | contacto | contato",
    ),
    "tax_id": (
        "tax id | id tax | tax number | cuit | cuil | nit | rfc | rut | ruc | cnpj | cpf | nif |"
        " cif | vat number | vat id | rif | cpf cnpj"
        " | cnpj cpf | cuit cuil | dni nif | number tax | registro tax | taxid | dui |"
        " cedula juridica | nif cif | number cuit"
        " | customer cuit | customer rfc | customer nit | customer rut | customer ruc |"
        " customer cnpj | customer tax id | vat | ein",
        "dni | cedula | curp | number document id | ci | tin | stcd1 | document id customer |"
        " number id | rut customer",
        "id number | identificacion",
    ),
}
_REACH = {
    "email": (
        "email | customer email | email address | correo electronico | address email |"
        " contact email | e mail",
        "email 1",
        "contact",
    ),
    "phone": (
        "phone | customer phone | phone number | number phone | contact phone | phone mobile",
        "phone 1 | fax phone | whatsapp | number whatsapp | phone whatsapp | customer whatsapp",
        "",
    ),
    "language": ("language | customer language | idioma preferido | preferred language", "spras", ""),
}
_CONSENT = {
    "consent_email": (
        "consent email | consent email electronico | consent email eletronico | consent receive email",
        "",
        "",
    ),
    "consent_whatsapp": ("consent whatsapp | consent wsp | consent wa | consent messages whatsapp", "", ""),
    "consent_sms": ("consent sms | consent messages text", "", ""),
    "consent_call": ("consent call | consent phone | consent phone call", "", ""),
    "consent": (
        "consent | consent contact | consent contacto | consent contato | consent lgpd | consent gdpr",
        "",
        "",
    ),
    "no_contact": (
        "no contactar | no contact | not contact | not contactar | do not contact | nao contatar | nao contactar | nao perturbe |"
        " consent out | optout | no molestar | do not disturb | oposicion",
        "",
        "",
    ),
}
_PLACE = {
    "address": ("address | customer address | address line | logradouro", "address 1", ""),
    "region": (
        "region | customer region | provincia",
        "zone | zona | ciudad | city | cidade | localidad",
        "",
    ),
    "country": ("country | country code | customer country | code country", "land1 | nationality", ""),
}

_DOCUMENTS = {
    **_WHO,
    "document_number": (
        "document number | invoice number | document id | invoice id | voucher number |"
        " number invoice | folio | number voucher"
        " | document no | doc id | id document | id invoice | belnr | number document |"
        " invoiceid | note number | boleta number"
        " | punto venta number | serie number | pagare number | cheque number | number cheque | nosso number"
        " | bill number | accounting document | loan | loan number | loan id | loan contract"
        " | contract | contract number | credit number | credit id",
        "uuid | folio fiscal | cuota number | bill no | serie folio | document reference | reference | assignment | numero | xblnr | number",
        "invoice | document | voucher | bill | cheque | pagare | serie invoice",
    ),
    "document_series": (
        "serie | series | invoice series | document series | punto venta | pto venta | sales point",
        "",
        "",
    ),
    "document_part": (
        "parcela | instalment number | number instalment | document part",
        "cuota | cuota number | instalment",
        "",
    ),
    "document_kind": (
        "document kind | kind document | voucher kind | kind voucher | t voucher | invoice kind |"
        " document class | blart | kind invoice | cla",
        "kind | transaction kind | document category",
        "",
    ),
    "issued_on": (
        "issue date | invoice date | document date | date issue | voucher date | date invoice |"
        " date document | bill date | bldat"
        " | date facturacion | fecha alta | date origination",
        "invoice bill date | invoice recibo date | date elaboracion | elaboracion | posting date | date contabilizacion | date contable | budat |"
        " date registro | accounting date"
        " | date creation | created | f issue",
        "date | issue | create date | document create date",
    ),
    "due_on": (
        "due date | date due | due | due in date | date due payment | net due date | pay by |"
        " payment due date | invoice due date"
        " | date limite payment | limit payment date | document due date | faedt | date vence |"
        " instalment due date",
        "deadline | date limite | date exigible | date promised payment",
        "payment date",
    ),
    "amount": (
        "amount | invoice amount | document amount | total amount | amount original |"
        " original amount | invoice total | total invoice"
        " | total document | amount document | gross amount | amount gross | importe total |"
        " valor nominal | nominal amount | dmbtr | wrbtr"
        " | total signed | total currency signed | total firmado | total currency firmado | total signo | total assinado"
        " | face amount | cuota amount | amount invoice | amount cuota | amount instalment | total cuota | total instalment |"
        " amount maturity | valor titulo",
        "net amount | price | amount net | capital | amount loc cur | amount doc cur | amount ml | amount md | principal | valor | amount local |"
        " amount document currency | amount efecto | total | original",
        "sum | charge",
    ),
    "open_amount": (
        "open amount | amount open | balance open | balance | open balance | total open amount |"
        " amount due | open | balance due | amount due open"
        " | due amount | outstanding amount | saldo actual | current balance | balance document |"
        " open amount document | residual amount"
        " | amount due signed | due amount signed | open amount signo | open amount signed | open firmado"
        " | amount devido | amount devido assinado"
        " | amount residual | balance invoice | importe adeudado | debt amount | total debt |"
        " amount to pay | amount unpaid",
        "converted amount | converted | overdue amount | overdue balance | balance overdue |"
        " total due | balance vencido | amount vencido",
        "debt",
    ),
    # Believed only together: «Abonos» alone are payments, «Crédito» alone may be anything.
    "debit": ("debit | debit amount | amount debit | debits", "", ""),
    "credit": ("credit | credit amount | amount credit", "", ""),
    "direction": ("d c | debit credit | credit debit | dc | d h | ind dh | ind d h | s h | shkzg", "", ""),
    "currency": (
        "currency | document currency | invoice currency | currency code | code currency |"
        " kind currency | amount currency",
        "iso currency",
        "",
    ),
    "settled_on": (
        "settled date | clear date | payment date | date payment | date settled | paid date |"
        " date paid | date cobro | settlement date"
        " | augdt | closed date | date closed | date cierre | date received payment",
        "settled on | paid on | last payment date",
        "settled | paid | payment",
    ),
    "settled_amount": (
        "settled amount | paid amount | amount paid | amount settled | payment amount |"
        " amount payment | total paid | paid total",
        "paid | payments",
        "",
    ),
    "disputed": (
        "dispute | is dispute | invoice dispute | dispute flag | en dispute",
        "claim | objected",
        "",
    ),
    "terms": (
        "payment terms | terms | terms payment | customer payment terms | condition payment |"
        " terms credit | days credit | credit days"
        " | payment terms days | days terms",
        "forma payment",
        "",
    ),
    "purchase_order": (
        "purchase order | order purchase | customer order | order number |"
        " purchase order number | number order",
        "order",
        "",
    ),
    **_REACH,
    **_CONSENT,
    **_PLACE,
    "product": ("product | product code | product name", "sku | item", ""),
    "portfolio_code": (
        "portfolio | business code | company code | bukrs | portfolio code | code portfolio |"
        " cartera | cartera code | code sociedad"
        " | sociedad | unidad negocio | business unit | carteira",
        "branch | sucursal | filial | campaign",
        "",
    ),
    "notes": ("notes | description | header notes | document description", "sgtxt", ""),
}
_RECEIPTS = {
    "reference": (
        "reference | payment reference | reference number | receipt number | number receipt |"
        " number payment | payment id | id payment"
        " | operation number | reference id | recibo | number recibo | reference code |"
        " id transakce | reference reference number",
        "id | voucher number | number operation | receipt id | receipt | number",
        "",
    ),
    "on": (
        "date | payment date | date payment | receipt date | posting date |"
        " booking date | operation date | date operation"
        " | date cobro | accounting date | date recibo | date movimiento | date acreditacion",
        "reference date | created | paid on | datum provedeni | f operation | f operacion | buchung | buchungstag | buchungsdatum"
        " | bokforingsdag | bokforingsdatum | transaktionsdag | bokfort | kirjauspaiva | boekdatum"
        " | date contabile | date comptable | date operazione",
        "day | dia | completed date | execution date",
    ),
    "value_on": (
        "value date | date value | date amount | valuta | amount date | f amount | f valor",
        "wertstellung | valutadatum | valutadato | wertstellungsdatum | valutadag | arvopaiva | date valuta | date valeur",
        "",
    ),
    "amount": (
        "amount | payment amount | amount payment | receipt amount | amount paid | paid amount |"
        " total | amount recibido | reference amount"
        " | zauctovana castka | amount cobrado",
        "net amount | sum | paid | montant | umsatz",
        "",
    ),
    "credit": (
        "credit | credit amount | amount credit | paid in | money in",
        "entradas | ingresos | haben",
        "",
    ),
    "debit": (
        "debit | debit amount | amount debit | paid out | money out | cheques otros debit",
        "salidas | saidas | egresos | gastos | soll",
        "",
    ),
    "direction": (
        "d c | debit credit | credit debit | dc | sign | d h | af bij | bij af",
        "kind movimiento | signo",
        "",
    ),
    "balance": (
        "balance | account balance | running balance | balance account",
        "disponible | kontostand | solde",
        "",
    ),
    "currency": (
        "currency | account currency | currency code | mena uctu | payment currency",
        "iso currency | valuta",
        "",
    ),
    "customer_id": (*_WHO["customer_id"][:2], "customer"),  # a bank's «Code» is the kind of movement
    "document_number": (
        "document number | invoice number | invoice id | document id | voucher number |"
        " number invoice | document paid | invoice paid"
        " | invoice reference | number document | documento aplicado",
        "invoice | document",
        "",
    ),
    "means": (
        "means payment | payment means | means | payment kind | kind payment | payment method |"
        " reference kind",
        "kind | channel",
        "",
    ),
    "payer_name": (
        "payer name | payer | name payer | customer name | partner name | name",
        "name social | company name | razon social | beneficiario | remetente | favorecido | namn | navn | avsandare | afsender"
        " | beguenstigter zahlungspflichtiger | begunstigter zahlungspflichtiger | zahlungspflichtige r | saaja maksaja | maksaja",
        "",
    ),
    "tax_id": _WHO["tax_id"],
    "account": (
        "account | account number | bank account | iban | payer account | number account | account iban",
        "cbu | clabe | nuban",
        "",
    ),
    "withheld": (
        "withheld | withheld amount | amount withheld | amount retencion | retencion | retenciones | amount retenido",
        "retenido | detraccion",
        "",
    ),
    "withholding": (
        "withholding | withholding kind | kind retencion | tipo retencion | retencion kind",
        "",
        "",
    ),
    "certificate": (
        "certificate | certificate number | number certificado | certificado | certificado retencion | constancia",
        "number constancia",
        "",
    ),
    "text": (
        "description | bank description | concept | reference description | description payee |"
        " message payee | memo",
        "notes | movimiento | lancamento | lancamentos | libelle | particulars",
        "",
    ),
}

_LISTS: dict[Kind, dict[str, tuple[str, str, str]]] = {
    Kind.DOCUMENTS: _DOCUMENTS,
    Kind.RECEIPTS: _RECEIPTS,
    Kind.CONTACTS: {**_WHO, **_REACH, **_CONSENT, **_PLACE, "notes": _DOCUMENTS["notes"]},
}

WHOLE_NAMES = frozenset({*CONSENTS, "region", "document_series"})

Synonym = tuple[frozenset[str], float]


def _expand(lists: dict[str, tuple[str, str, str]]) -> dict[str, list[Synonym]]:
    expanded: dict[str, list[Synonym]] = {}
    for name, tiers in lists.items():
        pairs = [
            (tokens_of(phrase), weight)
            for tier, weight in zip(tiers, (STRONG, FAIR, WEAK), strict=True)
            for phrase in tier.split("|")
            if phrase.strip()
        ]
        expanded[name] = pairs
    return expanded


SYNONYMS: dict[Kind, dict[str, list[Synonym]]] = {kind: _expand(lists) for kind, lists in _LISTS.items()}


def name_score(kind: Kind, field: str, tokens: frozenset[str]) -> float:
    """How well a heading's tokens fit a field: 1 for a known name, less for a known name among other words.

    «Acepta condiciones» is no consent to be written to, «Estado de pago» no place: of these only the whole name counts.
    """
    if field in WHOLE_NAMES or (kind is Kind.DOCUMENTS and field in ("debit", "credit")):
        return max(
            (weight for known, weight in SYNONYMS[kind].get(field, ()) if known == tokens), default=0.0
        )
    best = 0.0
    for known, weight in SYNONYMS[kind].get(field, ()):
        if known == tokens:
            best = max(best, weight)
        elif len(known) > 1 and known < tokens:
            best = max(best, weight * (0.55 + 0.35 * len(known) / len(tokens)))
        elif len(known) == 1 and known < tokens and len(tokens) == 2:
            best = max(best, 0.55 * weight)
    return best
