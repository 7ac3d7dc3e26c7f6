"""What is open in Tryton: the posted receivable lines, each with what its invoice's payments have left of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from aldia.intake.links.protocol import OpenItem, Page
from aldia.intake.links.tryton.rpc import Session

Row = dict[str, Any]
Rows = dict[int, Row]
LINE: Final = "account.move.line"
INVOICE: Final = "account.invoice"
OVERLAP: Final = timedelta(minutes=10)
"""A writing gets its time when its transaction begins and is seen when it ends: what is older than the newest may come late."""
_OPEN: Final[list[Any]] = [
    ["account.type.receivable", "=", True], ["reconciliation", "=", None], ["move.state", "=", "posted"], ["party", "!=", None],
]  # fmt: skip
_FIELDS: Final = [
    "move", "move.number", "account", "party", "debit", "credit", "amount_second_currency", "second_currency.code", "currency.code",
    "maturity_date", "date", "description", "reconciliation", "invoice_payment", "create_date", "write_date",
]  # fmt: skip
_OURS: Final = re.compile(r":(?P<kind>[fa]):(?P<about>\d+)$|:(?P<loose>cuenta)$")


def read(session: Session, *, marks: str, since: datetime | None, known: Collection[str]) -> Page:
    """Return the open items (with `since`, those that changed) and what of `known` is open no more."""
    every = set(session.ids(LINE, _OPEN))
    asked = every if since is None else _changed(session, every, since - OVERLAP)
    ended = {line_of(reference) for reference in known} - every - {0}
    lines = session.read(LINE, sorted(asked | ended), _FIELDS)
    invoices = _invoices(session, lines.values())
    others = {key for row in invoices.values() for key in (*row["lines_to_pay"], *row["payment_lines"])}
    lines |= session.read(LINE, sorted(others - set(lines)), _FIELDS)
    left = _left(lines, invoices, marks)
    people = session.read(
        "party.party", sorted({row["party"] for row in lines.values() if row["party"]}), _PARTY
    )
    items = [_item(row, left, invoices, people) for row in lines.values() if _is_debt(row, marks)]
    wanted = [each for each in items if since is not None or each.open_amount]
    gone = ended - set(lines)
    newest = max((row["write_date"] or row["create_date"] for row in lines.values()), default=None)
    seen = [each for each in (since, newest, *(row["write_date"] for row in invoices.values())) if each]
    return Page(tuple(wanted), tuple(reference_of(key) for key in sorted(gone)), max(seen, default=None))


def reference_of(line: int) -> str:
    """Return how aldia knows a line for ever."""
    return f"line:{line}"


_PARTY: Final = ["name", "code", "email", "phone", "mobile", "tax_identifier.code"]


def line_of(reference: str) -> int:
    """Return the line of a reference; 0, which is none of theirs, for a debt that did not come from here."""
    key = reference.removeprefix("line:")
    return int(key) if key != reference and key.isdecimal() else 0


def _changed(session: Session, every: set[int], since: datetime) -> set[int]:
    """The open lines written since, and those of invoices that were: a payment writes its invoice, not the line it pays."""
    new = ["OR", ["write_date", ">", since], ["create_date", ">", since]]
    lines = session.ids(LINE, [*_OPEN, new])
    moves = session.ids(
        INVOICE, [["type", "=", "out"], ["write_date", ">", since], ["state", "in", ["posted", "paid"]]]
    )
    held = session.read(INVOICE, moves, ["lines_to_pay"])
    return set(lines) | ({key for row in held.values() for key in row["lines_to_pay"]} & every)


def _invoices(session: Session, lines: Iterable[Row]) -> Rows:
    moves = sorted({row["move"] for row in lines})
    paid = sorted({row["invoice_payment"] for row in lines if row["invoice_payment"]})
    found = session.ids(
        INVOICE, ["OR", ["move", "in", moves], ["additional_moves", "in", moves], ["id", "in", paid]]
    )
    names = ["number", "lines_to_pay", "payment_lines", "invoice_date", "write_date", "state"]
    return session.read(INVOICE, found, names)


def _left(lines: Rows, invoices: Rows, marks: str) -> dict[int, Decimal]:
    """What is left of each line: nothing of a reconciled one; payments lower an invoice's lines, the first due first."""
    left = {key: Decimal(0) if row["reconciliation"] else _amount(row) for key, row in lines.items()}
    pending: defaultdict[int, Decimal] = defaultdict(Decimal)
    for key, row in lines.items():
        ours = _ours(row, marks)
        if ours and ours["kind"] == "a" and int(ours["about"]) in left:
            left[int(ours["about"])] += left[key]
        elif ours and ours["kind"] == "f" and not row["invoice_payment"]:
            pending[int(ours["about"])] += left[key]
    for key, invoice in invoices.items():
        paid = pending[key] + sum(left[each] for each in invoice["payment_lines"])
        owed = sorted(
            invoice["lines_to_pay"], key=lambda each: (lines[each]["maturity_date"] or date.max, each)
        )
        for each in owed:
            part = min(left[each], -paid) if left[each] > 0 else max(left[each], -paid)
            if part * left[each] > 0:
                left[each] -= part
                paid += part
    return left


def _item(row: Row, left: dict[int, Decimal], invoices: Rows, people: Rows) -> OpenItem:
    key, party = row["id"], people[row["party"]]
    invoice = next((each for each in invoices.values() if key in each["lines_to_pay"]), None)
    number = str((invoice or {}).get("number") or (row["move."] or {}).get("number") or key)
    parts = sorted((invoice or {}).get("lines_to_pay", [key]))
    if len(parts) > 1:
        number = f"{number}/{parts.index(key) + 1}"
    issued = (invoice or {}).get("invoice_date") or row["date"]
    return OpenItem(
        reference=reference_of(key), number=number, customer_id=party["code"] or f"party:{party['id']}",
        customer_name=party["name"] or party["code"], tax_id=(party.get("tax_identifier.") or {}).get("code") or "",
        email=party["email"] or "", phone=party["mobile"] or party["phone"] or "",
        issued_on=issued, due_on=max(row["maturity_date"] or issued, issued),
        amount=_amount(row), open_amount=left[key], currency=_currency(row),
    )  # fmt: skip


def _is_debt(row: Row, marks: str) -> bool:
    """Neither the payment of an invoice nor money of ours that only waits there: those lower what is owed."""
    return bool(row["party"]) and not row["invoice_payment"] and not _ours(row, marks)


def _ours(row: Row, marks: str) -> re.Match[str] | None:
    described = row["description"] or ""
    return _OURS.search(described) if described.startswith(marks) else None


def _amount(row: Row) -> Decimal:
    second: Decimal | None = row["amount_second_currency"]
    return second if second is not None else row["debit"] - row["credit"]


def _currency(row: Row) -> str:
    told = row.get("second_currency.") or row["currency."]
    return str(told["code"]).upper()
