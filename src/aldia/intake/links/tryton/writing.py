"""A payment in Tryton: a draft first, then its posting, then its invoices. Each step asks what is there before it writes.

The draft is what makes it happen once. Nobody's balance knows a draft, so one whose answer was lost is no harm: whoever comes
next posts the first draft of the mark and throws the others away. Each line says what it pays (`mark:f:invoice`, `mark:a:line`),
so the last step can be taken up again from the entry alone.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from aldia.intake.links.protocol import LinkBroken, LinkRefused, Payment
from aldia.intake.links.tryton.reading import INVOICE, LINE, Row, line_of
from aldia.intake.links.tryton.rpc import Session

MOVE: Final = "account.move"
_METHOD: Final = "account.invoice.payment.method"


def pay(session: Session, payment: Payment, *, method: str) -> str:
    """Write the payment, or go on where it was left; return the number of its entry. Raises LinkRefused, LinkBroken."""
    move = _written(session, payment) or _draft(session, payment, method)
    if move["state"] != "posted":
        session.call(f"model.{MOVE}.post", [move["id"]])
    lines = session.read(
        LINE, move["lines"], ["description", "debit", "credit", "reconciliation", "invoice_payment"]
    )
    for row in lines.values():
        kind, about = _said(row, payment.mark)
        if kind == "f" and not row["invoice_payment"]:
            _attach(session, about, row["id"])
        elif kind == "a" and not row["reconciliation"]:
            _close(session, about, row)
    told = session.read(MOVE, [move["id"]], ["number"])[move["id"]]
    return str(told["number"] or move["id"])


def take_back(session: Session, mark: str) -> None:
    """Free its invoices and cancel the entry, unless that was done; a draft is thrown away. Raises LinkRefused, LinkBroken."""
    for move in _moves(session, mark):
        if move["state"] == "draft":
            session.call(f"model.{MOVE}.delete", [move["id"]])
        elif not session.ids(MOVE, [["origin", "=", f"{MOVE},{move['id']}"]]):
            lines = session.read(LINE, move["lines"], ["reconciliation", "invoice_payment"])
            tied = [row["id"] for row in lines.values() if row["reconciliation"]]
            if tied:
                session.wizard("account.move.unreconcile_lines", LINE, tied)
            for row in lines.values():
                if row["invoice_payment"]:
                    session.call(
                        f"model.{INVOICE}.write",
                        [row["invoice_payment"]],
                        {"payment_lines": [["remove", [row["id"]]]]},
                    )
            form = {"default": {"description": f"{mark}:anulado", "reversal": True}}
            session.wizard("account.move.cancel", MOVE, [move["id"]], ("default", {}), ("cancel", form))


def sweep(session: Session, marks: str) -> int:
    """Throw away the drafts that begin so; return how many."""
    left = session.ids(MOVE, [["description", "like", f"{marks}%"], ["state", "=", "draft"]])
    if left:
        session.call(f"model.{MOVE}.delete", left)
    return len(left)


def _moves(session: Session, mark: str) -> list[Row]:
    found = session.read(MOVE, session.ids(MOVE, [["description", "=", mark]]), ["state", "lines"])
    return sorted(found.values(), key=lambda row: (row["state"] != "posted", row["id"]))


def _written(session: Session, payment: Payment) -> Row | None:
    """The entry of the mark: posted, else its first draft. Raises LinkRefused when it is of another amount."""
    found = _moves(session, payment.mark)
    if not found:
        return None
    lines = session.read(LINE, found[0]["lines"], ["credit"])
    there = sum((row["credit"] for row in lines.values()), Decimal(0))
    total = sum((share.amount for share in payment.shares), Decimal(0))
    if there != total:
        raise LinkRefused(
            "mark_used", found=f"{payment.mark}: {there}", expected=str(total),
            hint=_("Esa marca ya está en Tryton con otro importe: mira si esta base se restauró de una copia anterior."),
        )  # fmt: skip
    return found[0]


def _draft(session: Session, payment: Payment, method: str) -> Row:
    way = _way(session, method)
    lines = _credits(session, payment)
    total = sum((line["credit"] for line in lines), Decimal(0))
    lines.append(
        {
            "account": way["debit_account"],
            "debit": total,
            "credit": Decimal(0),
            "description": payment.note[:120],
        }
    )
    (key,) = session.call(
        f"model.{MOVE}.create",
        [{
            "journal": way["journal"], "period": _period(session, payment.on), "date": payment.on, "description": payment.mark,
            "lines": [["create", lines]],
        }],
    )  # fmt: skip
    return session.read(MOVE, [key], ["state", "lines"])[key]


def _credits(session: Session, payment: Payment) -> list[Row]:
    """The lines that lower what the customer owes: one an invoice, one a loose entry, and what is left over."""
    keys = sorted({line_of(share.reference) for share in payment.shares} - {0})
    debts = session.read(
        LINE, keys, ["account", "party", "move", "reconciliation", "second_currency", "currency.code"]
    )
    if any(
        row["second_currency"] or row["currency."]["code"].upper() != payment.currency
        for row in debts.values()
    ):
        raise LinkRefused(
            "other_currency", found=payment.currency,
            hint=_("Un cobro en otra moneda que la de la empresa lleva diferencia de cambio: asiéntalo en Tryton."),
        )  # fmt: skip
    invoices = _owing(session, [row["move"] for row in debts.values()])
    by_invoice: defaultdict[int, Decimal] = defaultdict(Decimal)
    lines: list[Row] = []
    on_account = over = Decimal(0)
    for share in payment.shares:
        row = debts.get(line_of(share.reference))
        invoice = invoices.get(row["move"]) if row else None
        if row is None:
            on_account += share.amount
        elif invoice:
            by_invoice[invoice["id"]] += share.amount
        elif row["reconciliation"]:
            over += share.amount
        else:
            lines.append(_credit(row, share.amount, f"{payment.mark}:a:{row['id']}"))
    for invoice in {row["id"]: row for row in invoices.values()}.values():
        asked = by_invoice[invoice["id"]]
        owed = (
            min(asked, invoice["amount_to_pay"] or Decimal(0)) if invoice["state"] == "posted" else Decimal(0)
        )
        over += asked - owed
        if owed:
            lines.append(_credit(invoice, owed, f"{payment.mark}:f:{invoice['id']}"))
    someone = next(iter(debts.values()), None) or _customer(session, payment.customer_id)
    loose = [(on_account, "cuenta"), (over, "exceso")]
    return lines + [_credit(someone, amount, f"{payment.mark}:{word}") for amount, word in loose if amount]


def _credit(of: Row, amount: Decimal, description: str) -> Row:
    return {
        "account": of["account"], "party": of["party"], "debit": Decimal(0), "credit": amount, "description": description,
        "maturity_date": None,
    }  # fmt: skip


def _owing(session: Session, moves: list[int]) -> dict[int, Row]:
    """The invoices of these entries, by entry."""
    found = session.ids(INVOICE, ["OR", ["move", "in", moves], ["additional_moves", "in", moves]])
    rows = session.read(
        INVOICE, found, ["move", "additional_moves", "account", "party", "state", "amount_to_pay"]
    )
    return {move: row for row in rows.values() for move in (row["move"], *row["additional_moves"])}


def _customer(session: Session, customer_id: str) -> Row:
    """A customer who owes nothing there: its party and the account that it owes on."""
    own = customer_id.removeprefix("party:")
    found = session.ids(
        "party.party", [["id", "=", int(own)] if own != customer_id else ["code", "=", customer_id]]
    )
    if not found:
        raise LinkRefused(
            "unknown_customer",
            found=customer_id,
            hint=_("Ese cliente no está en Tryton: créalo allí con el mismo código."),
        )
    row = session.read("party.party", found[:1], ["account_receivable_used"])[found[0]]
    return {"party": found[0], "account": row["account_receivable_used"]}


def _way(session: Session, method: str) -> Row:
    company = session.context.get("company")
    named = [["name", "=", method]] if method else []
    found = session.ids(_METHOD, [["company", "=", company], *named])
    if not found:
        raise LinkBroken(
            "no_method", found=method or "-", field="method",
            hint=_("Crea en Tryton un método de pago (Contabilidad, Configuración, Facturas) o escribe su nombre tal cual."),
        )  # fmt: skip
    return session.read(_METHOD, found[:1], ["journal", "debit_account"])[found[0]]


def _period(session: Session, on: date) -> int:
    company = session.context.get("company")
    found = session.ids(
        "account.period",
        [
            ["company", "=", company],
            ["start_date", "<=", on],
            ["end_date", ">=", on],
            ["type", "=", "standard"],
            ["state", "=", "open"],
        ],
    )
    if not found:
        raise LinkRefused(
            "no_period",
            found=on.isoformat(),
            hint=_("No hay un período contable abierto para ese día: ábrelo en Tryton."),
        )
    return found[0]


def _said(row: Row, mark: str) -> tuple[str, int]:
    """What a line of ours pays: `f` an invoice, `a` a loose entry, nothing."""
    described = str(row["description"] or "")
    if not described.startswith(f"{mark}:"):
        return "", 0
    kind, _colon, about = described.removeprefix(f"{mark}:").partition(":")
    return (kind, int(about)) if about.isdecimal() else ("", 0)


def _attach(session: Session, invoice_id: int, line_id: int) -> None:
    """Give the invoice its payment, and close it when nothing is left."""
    names = ["state", "lines_to_pay", "payment_lines", "amount_to_pay"]
    session.call(f"model.{INVOICE}.write", [invoice_id], {"payment_lines": [["add", [line_id]]]})
    invoice = session.read(INVOICE, [invoice_id], names)[invoice_id]
    if invoice["state"] == "posted" and not invoice["amount_to_pay"]:
        rows = session.read(LINE, [*invoice["lines_to_pay"], *invoice["payment_lines"]], ["reconciliation"])
        _reconcile(session, [key for key, row in rows.items() if not row["reconciliation"]])


def _close(session: Session, line_id: int, credit: Row) -> None:
    """Close a loose entry that is paid whole; one that is not stays open with its payment beside."""
    debt = session.read(LINE, [line_id], ["debit", "credit", "reconciliation"])[line_id]
    if not debt["reconciliation"] and debt["debit"] - debt["credit"] == credit["credit"]:
        _reconcile(session, [line_id, credit["id"]])


def _reconcile(session: Session, lines: list[int]) -> None:
    session.wizard("account.move.reconcile_lines", LINE, lines)
