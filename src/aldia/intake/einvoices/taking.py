"""All the documents of a file, judged in order: what enters as debt, what lowers or pays it, what is cancelled, what stays out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from aldia.domain.money import to_major
from aldia.intake.einvoices import debts
from aldia.intake.einvoices.debts import CREDIT, Debt, Odd, Record, Terms
from aldia.intake.einvoices.issuers import spellings
from aldia.intake.einvoices.oddities import is_error, oddity
from aldia.intake.einvoices.received import received_of, same_money
from aldia.intake.einvoices.shelf import Held, Shelf

PAYMENT: Final = "payment"
CANCELLATION: Final = "cancellation"
OUT: Final = frozenset({"cancelled", "refused"})


@dataclass
class Taken:
    """What a file of electronic documents would do. `credits`: note, document, minor units (null: as much as both have)."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    credits: list[tuple[str, str, int | None]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    named: list[tuple[str, int, int]] = field(
        default_factory=list
    )  # reference, receipt known here, minor units of it
    cancelled: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # reference -> the file that it came in
    problems: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    read: int = 0
    rejected: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class Around:
    """What is known outside the file: documents of the portfolio, identities in other portfolios (by their name), and the
    references of the payments that came before. `faults` are documents whose own sums fail, by file and number."""

    known: Iterable[Mapping[str, Any]] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    paid: Collection[str] = ()
    named: Collection[str] = ()  # payments that turned out to be receipts of another way
    received: Iterable[Mapping[str, Any]] = ()  # those receipts, by what they cover
    faults: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    replaced: Collection[str] = ()  # identities that documents known here take the place of
    waiting: Iterable[
        tuple[str, list[dict[str, Any]], int, str]
    ] = ()  # notes not used up: reference, names, open, currency


def take(records: Iterable[Record], terms: Terms, around: Around) -> Taken:
    """Return what the records would do, each judged alone, and then what they name among all that is known."""
    return _Desk(terms, around).take(list(records))


class _Desk:
    """Judges one file. Debts and notes first, so that the order of the files in a ZIP does not matter."""

    def __init__(self, terms: Terms, around: Around) -> None:
        self.terms, self.around = terms, around
        self.taken, self.shelf = Taken(), Shelf(around.known)
        self.received = received_of(around.received)
        self.seen: dict[str, Debt] = {}
        self.notes: list[tuple[int, str, Debt, Record]] = []
        self.payments: list[tuple[int, Record]] = []
        self.ends: list[tuple[int, Record]] = []

    def take(self, records: list[Record]) -> Taken:
        for row, record in enumerate(records, 1):
            self.taken.read += 1
            self._guarded(row, record, self._first)
        for row, record in self.ends:
            self._guarded(row, record, self._cancel)
        self._use_notes()
        for row, record in self.payments:
            self._guarded(row, record, self._pay)
        return self.taken

    def _guarded(self, row: int, record: Record, judge: Callable[[int, str, Record], None]) -> None:
        """Judge a record; what keeps it out is told with its file, and counted when it is an error."""
        file = str(record.get("member") or "")
        try:
            judge(row, file, record)
        except Odd as odd:
            self._tell(row, file, odd.field, odd.code, odd.found, **odd.facts)
            if is_error(odd.code):
                self.taken.rejected += 1
                self.taken.left_out.append({"row": row, **_cells(file, record)})

    def _tell(self, row: int, file: str, field_: str, code: str, found: object, **facts: object) -> None:
        self.taken.problems.append(oddity(row, file, field_, code, found, **facts))

    def _first(self, row: int, file: str, record: Record) -> None:
        """Turn away what is not for this desk, put debts and notes on the shelf, keep payments and cancellations for later."""
        if record["type"] == CANCELLATION:
            self.ends.append((row, record))
            return
        self._check_issuer(record)
        identity = debts.identity_of(record)
        if record.get("state") in OUT:
            self._out(row, record, identity)
        elif record["type"] == PAYMENT:
            self.payments.append((row, record))
        elif record["type"] not in debts.KINDS:
            raise Odd("not_a_debt", "type", record.get("type_code") or record["type"])
        else:
            self._enter(row, file, record)

    def _check_issuer(self, record: Record) -> None:
        issuer = record.get("issuer_id")
        own = (
            record.get("format") == "RCV" and issuer is None and record.get("receiver_id")
        )  # a register of own sales
        if not own and not spellings(issuer, self.terms.country) & self.terms.issuers:
            raise Odd("other_issuer", "issuer_id", issuer, expected=self.terms.creditor)

    def _out(self, row: int, record: Record, identity: str) -> None:
        if record["state"] == "cancelled" and self._live(identity):
            self.ends.append((row, {**record, "uuid": identity}))
            return
        raise Odd("not_valid", "state", record["state"])

    def _live(self, identity: str) -> list[Held]:
        return [held for held in self.shelf.of(identity) if held.state != "CANCELLED"]

    def _enter(self, row: int, file: str, record: Record) -> None:
        number = str(record.get("number") or "")
        if fault := self.around.faults.get((file, number)):
            code = "test_taken" if fault[0] == "test_document" and self.terms.takes_tests else fault[0]
            if is_error(code):
                raise Odd(code, "total", fault[1])
            self._tell(row, file, "uuid", code, number)
        if record.get("payable") is not None and not record["payable"].strip("-0."):
            raise Odd("paid_at_issue", "payable", debts.number_of(record))
        debt = debts.debt_of(record, self.terms)
        debt.file, debt.row = file, row
        if self._is_known(row, file, debt):
            self.taken.repeated += 1
            return
        if debt.identity in self.around.replaced:
            raise Odd("replaced", "uuid", debt.number)
        self.seen[debt.identity] = debt
        self.shelf.add(debt)
        self.taken.rows += debt.rows()
        self.taken.files |= {reference: file for reference, *_rest in debt.parts}
        for days, due in debt.ruled:
            self._tell(row, file, "due_on", "due_by_rule", f"{debt.number}: {days} → {due}")
        for uuid in debt.attributes.get("replaces", ()):
            self._tell(row, file, "settles", "replaces", uuid)
            self.ends.append((row, {**record, "uuid": uuid, "is_replaced": True}))
        if debt.kind == CREDIT:
            self.notes.append((row, file, debt, record))

    def _is_known(self, row: int, file: str, debt: Debt) -> bool:
        """Whether the document is there, or came before in this file. Raises Odd where it says something else now."""
        if first := self.seen.get(debt.identity):
            same = (first.parts, first.currency, first.customer) == (debt.parts, debt.currency, debt.customer)
            where = first.file or str(first.row)
            if not same:
                raise Odd("duplicate_different", "uuid", f"{debt.identity} · {where}")
            self._tell(row, file, "uuid", "duplicate_same", f"{debt.identity} · {where}")
            return True
        if portfolio := self.around.elsewhere.get(debt.identity):
            raise Odd("known_elsewhere", "uuid", debt.identity, portfolio=portfolio)
        held = self.shelf.of(debt.identity)
        other_way = [] if held else self.shelf.same_number(debt)
        if not held and not other_way:
            return False
        self._compare(debt, held or other_way)
        if any(each.state == "CANCELLED" for each in held):
            self._tell(row, file, "state", "known_cancelled", debt.number)
        if other_way:
            self._tell(row, file, "number", "known_by_rows", debt.number)
            self.taken.files |= {each.reference: file for each in other_way if each.document_id is not None}
        return True

    def _compare(self, debt: Debt, held: list[Held]) -> None:
        total = sum(each.original_minor for each in held)
        if (total, held[0].currency) != (debt.total_minor, debt.currency):
            expected = f"{to_major(abs(total), held[0].currency)} {held[0].currency}"
            raise Odd(
                "known_different", "total", to_major(abs(debt.total_minor), debt.currency), expected=expected
            )

    def _use_notes(self) -> None:
        """Say which documents each note lowers: those of this file, and earlier ones that waited for a document of this file."""
        for row, file, note, record in self.notes:
            if any(held.state == "CANCELLED" for held in self.shelf.of(note.identity)):
                continue
            names = record.get("settles") or []
            if not names:
                self._tell(row, file, "settles", "lowers_nothing", note.number)
            for name in names:
                if not self._lower(note.identity, -note.total_minor, note.currency, name):
                    shown = name.get("number") or name.get("uuid")
                    self._tell(row, file, "settles", "lowers_unknown", note.number, name=shown)
        for reference, names, open_minor, currency in self.around.waiting:
            for name in names:
                targets = self.shelf.named(name.get("uuid"), name.get("number"))
                if any(target.document_id is None for target in targets):
                    self._lower(reference, open_minor, currency, name)

    def _lower(self, note: str, left: int, currency: str, name: Mapping[str, Any]) -> bool:
        """Plan a note over the parts of one document that it names; return whether that document is here."""
        parts = [
            held
            for held in self.shelf.named(name.get("uuid"), name.get("number"))
            if held.currency == currency
        ]
        most = (
            left
            if name.get("amount") is None
            else debts.minor_of(str(name["amount"]), currency, self.terms, "settles")
        )
        used = sum(minor or 0 for reference, _document, minor in self.taken.credits if reference == note)
        for held in parts:
            minor = min(left - used, most, max(held.open_minor, 0))
            if minor > 0:
                self.taken.credits.append((note, held.reference, minor))
                held.open_minor -= minor
                used, most = used + minor, most - minor
        return bool(parts)

    def _pay(self, row: int, file: str, record: Record) -> None:
        """Each document that a payment touches is money of its own, known for ever by the payment's identity and its place."""
        identity, paid = debts.identity_of(record), record.get("settles") or []
        if not paid:
            raise Odd("not_a_debt", "settles", debts.number_of(record))
        planned: list[dict[str, Any]] = []
        for place, name in enumerate(paid, 1):
            planned += self._paid_part(row, file, record, name, f"{identity}{debts.PART}{place}")
        self.taken.receipts += planned

    def _paid_part(
        self, row: int, file: str, record: Record, name: Mapping[str, Any], reference: str
    ) -> list[dict[str, Any]]:
        parts = self.shelf.named(name.get("uuid"), name.get("number"), name.get("series"))
        shown = name.get("number") or name.get("uuid") or ""
        if not parts or not name.get("amount"):
            raise Odd("pays_unknown", "settles", shown)
        currency = debts.currency_of(name.get("currency") or parts[0].currency)
        amount = debts.minor_of(name["amount"], currency, self.terms, "settles")
        is_known = reference in self.around.paid
        if self._is_told(reference):
            self.taken.repeated += 1
            return []
        receipts = []
        on = date.fromisoformat(name.get("on") or record.get("issued_on") or "")
        if not is_known and self._is_received(reference, parts, record, (amount, currency, on)):
            self._tell(row, file, "settles", "already_received", name["amount"], name=shown)
            return []
        left = (
            amount
            if is_known
            else min(amount, sum(max(held.open_minor, 0) for held in parts if held.currency == currency))
        )
        if left < amount:
            most = f"{to_major(left, currency)} {currency}"
            self._tell(row, file, "settles", "pays_too_much", name["amount"], name=shown, expected=most)
        for turn, held in enumerate(parts):
            minor = left if is_known else min(left, max(held.open_minor, 0))
            if minor > 0:
                own = reference if not turn else f"{reference}{debts.PART}{turn}"
                receipts.append(_receipt(row, own, held, on, minor, currency, record))
                held.open_minor -= minor
                left -= minor
        return receipts

    def _is_told(self, reference: str) -> bool:
        named = {each for each, _receipt, _minor in self.taken.named}
        planned = {each["reference"] for each in self.taken.receipts}
        return reference in self.around.named or reference in named or reference in planned

    def _is_received(
        self, reference: str, parts: list[Held], record: Record, money: tuple[int, str, date]
    ) -> bool:
        """Whether this part of a payment is a receipt that came by another way; it is named so that it never counts again."""
        minor, currency, on = money
        total = sum(
            debts.minor_of(each["amount"], currency, self.terms, "settles")
            for each in record["settles"]
            if each.get("amount") and debts.currency_of(each.get("currency") or currency) == currency
        )
        found = same_money(self.received, parts, minor=minor, total=total, currency=currency, on=on)
        if found is None:
            return False
        found.left_minor -= minor
        self.taken.named.append((reference[:120], found.receipt_id, minor))
        return True

    def _cancel(self, row: int, _file: str, record: Record) -> None:
        if not record.get("uuid"):  # a series and a number are only its issuer's own
            self._check_issuer(record)
        live = [held for identity in debts.identities_of(record) for held in self._live(identity)]
        if not live and record.get("is_replaced"):
            return  # it was never here, or is over
        if not live:
            raise Odd("cancels_nothing", "uuid", record.get("uuid") or record.get("number"))
        ended = {held.reference for held in live}
        self.taken.rows = [each for each in self.taken.rows if each["reference"] not in ended]
        self.taken.cancelled += [held.reference for held in live if held.document_id is not None]
        for held in live:
            held.state = "CANCELLED"


def _receipt(
    row: int, reference: str, held: Held, on: date, minor: int, currency: str, record: Record
) -> dict[str, Any]:
    return {
        "row": row, "customer_id": None, "currency": currency, "reference": reference[:120], "document_reference": held.reference,
        "on": on, "amount_minor": minor, "payer": record.get("receiver_name"), "text": debts.number_of(record),
    }  # fmt: skip


def _cells(file: str, record: Record) -> dict[str, Any]:
    """What names a document that stayed out."""
    said = {
        name: record.get(name)
        for name in ("uuid", "issuer_id", "receiver_id", "receiver_name", "issued_on", "total")
    }
    return {"file": file, "number": debts.number_of(record), **said}
