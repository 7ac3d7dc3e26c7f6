"""One electronic document as rows of debt: its identity, who owes it, its parts with their due dates, in minor units."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from aldia.domain.money import MoneyError, Rounding, TooFine, currency_code, to_minor
from aldia.intake.checking.identity import tax_id as read_tax_id
from aldia.intake.einvoices.issuers import compact, country_of, is_generic, spellings

Record = Mapping[str, Any]
KINDS: Final = {
    "invoice": "invoice",
    "receipt": "invoice",
    "debit_note": "debit_note",
    "credit_note": "credit_note",
}
CREDIT: Final = "credit_note"
PART: Final = "#"  # between the identity of a document and the number of its part
_LETTERS: Final = re.compile(r"[^0-9A-Z]")


class Odd(Exception):
    """Something that keeps one document out; `code` is of `oddities.MEANINGS`."""

    def __init__(self, code: str, field_: str, found: object, **facts: object) -> None:
        super().__init__(code)
        self.code, self.field, self.found, self.facts = code, field_, found, facts


@dataclass(frozen=True)
class Terms:
    """What the files do not say. `days` are the payment days of the portfolio, `days_of` those of a customer by tax id."""

    creditor: str
    country: str
    rounding: Rounding | None = None
    days: int | None = None
    days_of: Mapping[str, int] = field(default_factory=dict)
    takes_tests: bool = False

    @property
    def issuers(self) -> frozenset[str]:
        """The spellings of the creditor's tax id."""
        return spellings(self.creditor, self.country)


@dataclass(frozen=True)
class Customer:
    """Who owes: the id by which the source calls it, and its tax id with the kind that proved it."""

    id: str
    name: str | None
    tax_id: str | None
    tax_kind: str | None
    country: str | None


@dataclass
class Debt:
    """A document that is owed, or that lowers what is owed, with its parts as rows of the ledger."""

    identity: str
    number: str
    kind: str
    currency: str
    customer: Customer
    issued_on: date
    parts: list[
        tuple[str, str, date, int]
    ]  # reference, number, due date, minor units (below zero where it lowers)
    attributes: dict[str, Any]
    ruled: list[tuple[int, date]]  # due dates that came from the payment days: days, date
    file: str = ""
    row: int = 0

    @property
    def total_minor(self) -> int:
        """The sum of the parts."""
        return sum(minor for *_names, minor in self.parts)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a part, with the columns that a plan and its people read."""
        kind = "instalment" if len(self.parts) > 1 else self.kind
        who, attributes = self.customer, json.dumps(self.attributes, ensure_ascii=False, sort_keys=True)
        return [
            {
                "row": self.row, "reference": reference, "document_number": number, "document_kind": kind,
                "issued_on": self.issued_on, "due_on": due_on, "currency": self.currency, "original_minor": minor,
                "open_minor": minor, "is_disputed": False, "attributes": attributes, "customer_id": who.id,
                "customer_name": who.name, "tax_id": who.tax_id, "tax_id_kind": who.tax_kind,
                "is_tax_id_valid": who.tax_kind is not None, "country": who.country, "settled_on": None,
                "settled_minor": None, "language": None, "email": None, "phone_e164": None, "phone_is_mobile": None,
                "address": None, "region": None,
            }
            for reference, number, due_on, minor in self.parts
        ]  # fmt: skip


def identity_of(record: Record) -> str:
    """Return what tells the document from all others of its issuer, for ever: its UUID or key, else type, series and number.

    Raises Odd `no_identity`.
    """
    if record.get("uuid"):
        return str(record["uuid"]).strip().upper()
    if not record.get("number"):
        raise Odd("no_identity", "uuid", "")
    code = str(record.get("type_code") or record["type"]).upper()
    return f"{code}:{number_of(record)}"[:110]


def identities_of(record: Record) -> list[str]:
    """Return how the document may be known: a number without UUID is written with its zeros or without, `F001-7` or `F001-00000007`.

    Raises Odd `no_identity`.
    """
    own = identity_of(record)
    head, dash, digits = own.rpartition("-")
    if record.get("uuid") or not dash or not (digits.isascii() and digits.isdigit()):
        return [own]
    return list(dict.fromkeys([own, f"{head}-{int(digits)}", f"{head}-{int(digits):08d}"]))


def number_of(record: Record) -> str:
    """Return what people call the document: its series and number, else its UUID."""
    number = str(record.get("number") or record.get("uuid") or "").strip()
    series = str(record.get("series") or "").strip()
    return (f"{series}-{number}" if series and record.get("number") else number)[:60]


def key_of(number: str | None) -> str:
    """Return a number as it is compared: capitals and digits alone."""
    return _LETTERS.sub("", (number or "").upper())


def minor_of(text: str, currency: str, terms: Terms, name: str) -> int:
    """Return the minor units of a decimal text. Raises Odd `amount_too_fine`."""
    try:
        return to_minor(Decimal(text), currency, rounding=terms.rounding)
    except TooFine as error:
        raise Odd("amount_too_fine", name, text) from error


def currency_of(text: str | None) -> str:
    """Return the ISO code. Raises Odd `no_currency`."""
    try:
        return currency_code(text or "")
    except MoneyError as error:
        raise Odd("no_currency", "currency", text) from error


def customer_of(record: Record, terms: Terms) -> Customer:
    """Return who receives the document; a generic number is nobody's, so that the name tells. Raises Odd `no_receiver`."""
    raw, name = record.get("receiver_id"), (record.get("receiver_name") or "").strip() or None
    if is_generic(raw):
        if name is None:
            raise Odd("no_receiver", "receiver_id", raw)
        return Customer(" ".join(name.lower().split())[:100], name, None, None, None)
    country = country_of(raw, str(record.get("format") or ""), terms.country)
    number, kind, is_valid = read_tax_id(str(raw).strip(), country or None)
    return Customer(number[:100], name, number, kind if is_valid else None, country or None)


def debt_of(record: Record, terms: Terms) -> Debt:
    """Return the document as debt; what it costs is what remains payable. Raises Odd."""
    identity, number = identity_of(record), number_of(record)
    if record.get("payable") is None:
        raise Odd("no_terms", "payable", record.get("total"))
    currency = currency_of(record.get("currency"))
    payable = minor_of(record["payable"], currency, terms, "payable")
    lowers = record["type"] == CREDIT or payable < 0
    customer, issued_on = customer_of(record, terms), _issued(record)
    parts, ruled = _parts(record, terms, customer, currency, abs(payable), issued_on, lowers=lowers)
    sign = -1 if lowers else 1
    several = len(parts) > 1
    named = [
        (f"{identity}{PART}{place}" if several else identity, f"{number}/{place}"[:60] if several else number, due, sign * minor)
        for place, (due, minor) in enumerate(parts, 1)
    ]  # fmt: skip
    kind = CREDIT if lowers else KINDS[record["type"]]
    return Debt(
        identity,
        number,
        kind,
        currency,
        customer,
        issued_on,
        named,
        _attributes(record, lowers=lowers),
        ruled,
    )


def _issued(record: Record) -> date:
    if not record.get("issued_on"):
        raise Odd("no_date", "issued_on", "")
    return date.fromisoformat(record["issued_on"])


def _parts(
    record: Record,
    terms: Terms,
    customer: Customer,
    currency: str,
    payable: int,
    issued_on: date,
    *,
    lowers: bool,
) -> tuple[list[tuple[date, int]], list[tuple[int, date]]]:
    """The due dates with their amounts, and which of them come from the payment days."""
    if lowers:
        return [(issued_on, payable)], []  # what lowers a debt does not fall due
    told = [
        (each.get("due_on"), abs(minor_of(each["amount"], currency, terms, "instalments")))
        for each in record.get("instalments") or ()
    ] or [(record.get("due_on"), payable)]
    told = [(due, minor) for due, minor in told if minor]
    if sum(minor for _due, minor in told) != payable:
        raise Odd(
            "parts_mismatch", "instalments", sum(minor for _due, minor in told), expected=record["payable"]
        )
    ruled: list[tuple[int, date]] = []
    dated: list[tuple[date, int]] = []
    for due, minor in told:
        if due:
            dated.append((date.fromisoformat(due), minor))
            continue
        days = terms.days_of.get(compact(customer.tax_id), terms.days)
        if days is None:
            raise Odd("no_due_date", "due_on", "")
        ruled.append((days, issued_on + timedelta(days=days)))
        dated.append((ruled[-1][1], minor))
    return sorted(dated, key=lambda part: part[0]), ruled


def _attributes(record: Record, *, lowers: bool) -> dict[str, Any]:
    """What the ledger has no column for; a note keeps what it names, for the day when that arrives."""
    kept = {name: record[name] for name in ("uuid", "format") if record.get(name)}
    if record.get("total") and record["total"] != record["payable"]:
        kept["total"] = record["total"]
    if record.get("replaces"):
        kept["replaces"] = [uuid.strip().upper() for uuid in record["replaces"]]
    named = record.get("settles") or []
    if lowers and named:
        kept["settles"] = [{name: each.get(name) for name in ("uuid", "number", "amount")} for each in named]
    return kept
