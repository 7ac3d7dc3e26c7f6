"""NF-e and NFC-e of Brazil (3.10 and 4.00), bare, processed or in a batch; its duplicatas are the instalments.

Without duplicatas the whole is owed only when the payment is stated as deferred (indicator 1); means 90 is no payment at all.
"""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Instalment, Settled
from aldia.intake.readers.records.values import iso_day, optional, scaled, unscaled
from aldia.intake.readers.records.xml import Node, descendants, line_of, name_of, nodes, text
from aldia.intake.readers.stop import Stop

ROOTS = {"NFe", "nfeProc", "enviNFe", "procNFe"}
EVENTS = {"procEventoNFe", "evento"}
CANCELS = {"110111", "110112"}  # the issuer's cancellation, by itself or by substitution
ISSUER = slice(6, 20)  # where the key of a document says who issued it
TYPES = {
    "1": "invoice", "2": "debit_note", "3": "adjustment", "4": "credit_note", "5": "credit_note", "6": "debit_note",
}  # fmt: skip
DEFERRED, NO_PAYMENT, TEST = "1", "90", "2"
AUTHORISED = {"100", "150"}
CANCELLED = {"101", "135", "151", "155"}


def claims(root: Node) -> bool:
    """True for an electronic invoice, with or without its protocol, and for what happened to one."""
    return name_of(root) in ROOTS | EVENTS


def read(root: Node, notes: Notes) -> Answer:
    """The documents of the file. Raises Stop `bad_amount`, `no_document`."""
    if name_of(root) in EVENTS:
        return {"format": "NF-e", "version": root.get("versao"), "documents": _cancelled(root)}
    bodies = descendants(root, "infNFe")
    if not bodies:
        raise Stop("no_document")
    states = {text(each, "chNFe"): text(each, "cStat") for each in descendants(root, "infProt")}
    documents = [_document(body, states, notes) for body in bodies]
    return {"format": "NF-e", "version": bodies[0].get("versao"), "documents": documents}


def _cancelled(root: Node) -> list[Document]:
    """The document that an event cancels, once the tax office has taken it. Raises Stop `no_document`."""
    said = [each for each in descendants(root, "infEvento") if text(each, "tpEvento") in CANCELS]
    answers = {text(each, "cStat") for each in descendants(root, "infEvento")} - {None}
    keys = [key for each in said if (key := text(each, "chNFe"))]
    if not keys or (answers and not answers & CANCELLED):
        raise Stop("no_document")
    return [{"type": "cancellation", "state": "cancelled", "uuid": keys[0], "issuer_id": keys[0][ISSUER]}]


def _document(body: Node, states: dict[str | None, str | None], notes: Notes) -> Document:
    line = line_of(body)
    key = (body.get("Id") or "").removeprefix("NFe") or None
    instalments = _instalments(body, notes)
    related: list[Settled] = [
        {"uuid": (each.text or "").strip() or None, "number": None, "amount": None}
        for each in nodes(body, "ide/NFref/refNFe")
    ]
    kind = TYPES.get(text(body, "ide/finNFe") or "1", "invoice")
    _check(body, instalments, notes)
    if text(body, "ide/tpAmb") == TEST:
        notes.add("test_document", line, number=text(body, "ide/nNF") or "?")
    return {
        "type": kind,
        "type_code": text(body, "ide/finNFe"),
        "series": text(body, "ide/serie"),
        "number": text(body, "ide/nNF"),
        "uuid": key,
        "issued_on": iso_day(text(body, "ide/dhEmi", "ide/dEmi"), notes, line=line),
        "due_on": min((each["due_on"] for each in instalments if each["due_on"]), default=None),
        "currency": "BRL",
        "total": optional(text(body, "total/ICMSTot/vNF"), line=line),
        "payable": _payable(body, kind, instalments),
        "issuer_id": text(body, "emit/CNPJ", "emit/CPF"),
        "issuer_name": text(body, "emit/xNome"),
        "receiver_id": text(body, "dest/CNPJ", "dest/CPF", "dest/idEstrangeiro"),
        "receiver_name": text(body, "dest/xNome"),
        "instalments": instalments,
        "settles": related if kind == "credit_note" else [],
        "related": related,
        "state": _state(states.get(key)),
    }


def _state(code: str | None) -> str | None:
    if code is None:
        return None
    return "authorised" if code in AUTHORISED else "cancelled" if code in CANCELLED else "refused"


def _payable(body: Node, kind: str, instalments: list[Instalment]) -> str | None:
    total = optional(text(body, "total/ICMSTot/vNF"))
    if kind == "credit_note":
        return total
    if instalments:
        return unscaled(sum(scaled(each["amount"]) for each in instalments))
    payments = nodes(body, "pag/detPag") or nodes(body, "pag")
    if any(text(each, "tPag") == NO_PAYMENT for each in payments):
        return "0"
    indicators = {text(each, "indPag") for each in payments} | {text(body, "ide/indPag")}
    return total if DEFERRED in indicators else "0"


def _instalments(body: Node, notes: Notes) -> list[Instalment]:
    return [
        {
            "number": text(each, "nDup"),
            "due_on": iso_day(text(each, "dVenc"), notes, line=line_of(each)),
            "amount": optional(text(each, "vDup"), line=line_of(each)) or "0",
        }
        for each in nodes(body, "cobr/dup")
    ]


def _check(body: Node, instalments: list[Instalment], notes: Notes) -> None:
    """Note duplicatas that do not add up to the net amount of the invoice."""
    net = optional(text(body, "cobr/fat/vLiq"))
    if not instalments or net is None:
        return
    computed = sum(scaled(each["amount"]) for each in instalments)
    if computed != scaled(net):
        number = text(body, "ide/nNF") or "?"
        notes.add("total_mismatch", line_of(body), number=number, found=net, expected=unscaled(computed))
