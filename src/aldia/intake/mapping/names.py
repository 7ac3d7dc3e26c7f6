"""Headings as people and systems write them, reduced to a few plain tokens that can be compared."""

import re
import unicodedata

from aldia.domain.money import EXPONENTS

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD = re.compile(r"[a-z0-9#]+")
BRACKETS = re.compile(r"[(\[{]\s*([A-Za-z$€£/.]{1,4})\s*[)\]}]")
SIGN_IN_BRACKETS = re.compile(r"[(\[{]\s*([A-Za-z]{0,2}[$€£]|S/\.?)\s*[)\]}]")
ONE_WORD = re.compile(r"e-mails?|whatsapp", re.IGNORECASE)
# «O/S» is an order of service in Portuguese: only before a sum is it what is outstanding.
OUTSTANDING = re.compile(r"\bo/s(?=\s*(?:amount|amt|balance|bal)\b)", re.IGNORECASE)
STOP = frozenset(
    "de del la el los las da do das dos of the in for en em por para al a o y e and to con".split()
)
SYMBOLS = {"€": "EUR", "£": "GBP", "US$": "USD", "U$S": "USD", "R$": "BRL", "S/": "PEN", "S/.": "PEN"}

# Never read as a currency in a heading: they are words there (ALL, TOP, MOP ... and "bam", "try").
WORDS_NOT_CODES = frozenset(
    {"ALL", "TOP", "MOP", "BAM", "TRY", "SOS", "CUP", "PEN", "MAD", "CHE", "LAK", "GEL", "MUR", "WST"}
)

_ALIASES = {
    "number": "numero num nro no nr n # numbers nmro nbr",
    "date": "fecha fec fch data dt dat datum dato paivamaara",
    "code": "codigo cod cd cve clave",
    "customer": (
        "cliente clientes cli cust custo client customers deudor debtor devedor sacado titular socio "
        "tomador kunde kunnr"
    ),
    "name": "nombre nome nombres nm razon razao",
    "document": "documento doc docto document dcto documentos titulo",
    "voucher": "comprobante comp cbte voucher comprob",
    "invoice": "factura fact fac fra fras inv fatura invoices nf nota nfe facturas",
    "due": "vencimiento vencimento venc vto vcto vence vencto maturity vcmto fvto expiration expiry",
    "issue": "emision emissao emis issued emitida emitido expedicion",
    "amount": "importe monto valor amt betrag total amounts imp mto vlr vr summe bedrag belopp belob "
    "importo montant maara",
    "balance": "saldo bal saldos",
    "open": (
        "pendiente pendente outstanding abierto aberto residual adeudado unpaid remaining impago "
        "deuda debt owed deudor pending pendientes pendentes pdte pdtes"
    ),
    "id": "identificador identifier ident identificacion",
    "phone": (
        "telefono telefone tel tfno fono celular cel movil movel mobile telephone telf telefonos phones"
    ),
    "email": "mail correo emails",
    "currency": "moneda divisa moeda curr ccy waers waehrung wahrung mon munt currencies devise",
    "payment": "pago pagos pagamento payments pay cobro recebimento cobranza",
    "settled": (
        "cancelacion cancelado clear cleared clearing settlement settle liquidacion liquidado baixa "
        "quitacao cancelada saldado settling"
    ),
    "paid": "pagado pagada paga pagou abonado cobrado pagos recebido received",
    "kind": "tipo type clase class tp especie",
    "terms": "condicion condiciones term plazo condicao prazo zterm condiciones",
    "tax": "fiscal tributario tributaria",
    "country": "pais land countries",
    "region": "provincia estado state province departamento uf",
    "language": "idioma lang lengua lingua locale",
    "address": "direccion domicilio endereco calle addr street",
    "notes": (
        "nota notas observaciones observacion comentario comentarios comments comment remarks obs observacoes note"
    ),
    "loan": "prestamo prestamos emprestimo emprestimos loans",
    "contract": "contrato contratos contracts",
    "product": "producto produto linea articulo",
    "purchase": "compra",
    "order": "orden pedido ordem oc po",
    "account": "cuenta conta acct cta kontonummer rekeningnummer konto",
    "dispute": "disputa disputed disputado reclamo litigio reclamado contestado",
    "description": (
        "descripcion descricao concepto historico detalle leyenda glosa texto text label memo "
        "omschrijving description verwendungszweck narrative details detail message mensaje "
        "tekst rubrik descrizione causale selite viesti"
    ),
    "credit": (
        "abono haber credito creditos abonos deposits deposit deposito depositos ingreso ingresos "
        "haberes entrada accrediti accredito entrate credits"
    ),
    "debit": "cargo debe debito debitos cargos withdrawals withdrawal retiro retiros egreso debet saida addebiti addebito uscite",
    "reference": "referencia ref referencias operacion transaction transaccion",
    "payer": (
        "pagador ordenante remitente counterparty contraparte payee partner auftraggeber empfanger "
        "naam counteraccount"
    ),
    "consent": (
        "consentimiento consentimento consents consiente acepta aceita accepts autoriza autorizacion autorizacao permite "
        "allow allows permission opt optin"
    ),
    "call": "calls llamada llamadas llamar ligacao ligacoes",
    "means": "medio metodo method forma via",
}
ALIASES = {word: token for token, words in _ALIASES.items() for word in words.split()}


LETTERS = str.maketrans({"ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "ß": "ss", "ł": "l", "Ł": "l", "đ": "d"})
"""Letters of the north that are no plain letter with a mark."""


def fold(text: str) -> str:
    """Lower case without accents: «Razón Social» -> «razon social»."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    return "".join(character for character in plain if not unicodedata.combining(character)).lower()


def words_of(heading: str) -> list[str]:
    """The folded words of a heading, camelCase and snake_case split: «DueInDate» -> due, in, date."""
    return WORD.findall(fold(CAMEL.sub(" ", heading).replace("º", "o ").replace("°", " ").replace("ª", "a ")))


def tokens_of(heading: str) -> frozenset[str]:
    """Plain tokens for comparison: aliases in four languages made one, fillers and currency codes dropped."""
    code = currency_in(heading)
    plain = SIGN_IN_BRACKETS.sub(" ", heading)  # «Crédito (R$)» has no word «r»
    plain = OUTSTANDING.sub("outstanding", plain)
    words = words_of(ONE_WORD.sub(lambda found: found[0].replace("-", "").lower(), plain))
    kept = [word for word in words if word not in STOP and word.upper() != code]
    found = frozenset(ALIASES.get(word, word) for word in kept) or frozenset(words)
    # «Importe vto.» is what falls due that day; only the English «amount due» is what is still owed.
    return found - {"due"} | {"maturity"} if found == {"amount", "due"} and "due" not in words else found


def currency_in(heading: str) -> str | None:
    """The currency that a heading names: «Betrag (EUR)», «converted_usd», «Importe US$»."""
    for symbol, code in SYMBOLS.items():
        if symbol in heading.upper():
            return code
    bracket = BRACKETS.search(heading)
    if bracket and bracket.group(1).upper() in EXPONENTS:
        return bracket.group(1).upper()
    words = [word.upper() for word in words_of(heading)]
    codes = [word for word in words if len(word) == 3 and word in EXPONENTS and word not in WORDS_NOT_CODES]
    return codes[-1] if len(codes) == 1 and len(words) > 1 else None
