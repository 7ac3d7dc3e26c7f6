"""Replays the events of a loan: events in, schedule and balances out.

Nothing is kept between two calls. The rows come first, from what was disbursed and rescheduled; then every event that still
counts is applied in order of its business date, so that a payment recorded late, or one taken back, falls where it belongs.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from aldia.domain.loans import events as did
from aldia.domain.loans.book import Book, Charge, Entry, nothing
from aldia.domain.loans.orders import COMPONENTS, FEES, INTEREST, PENALTIES, PRINCIPAL, PaymentOrder
from aldia.domain.loans.paying import pay
from aldia.domain.loans.planning import Product, planned_rows, row_order
from aldia.domain.loans.prepaying import counted_anew
from aldia.domain.loans.reshaping import re_age, re_amortise, recount, replan, settle_early
from aldia.domain.loans.rounding import whole


class ImpossibleEvent(ValueError):
    """The event cannot happen to this loan."""


def replay(product: Product, events: Sequence[did.Event], as_of: date | None = None) -> Book:
    """The book after all the events, given in the order in which they were recorded. Raises ImpossibleEvent.

    `as_of` is the day until which arrears bear interest, where the product says that they do.
    """
    taken_back = {event.of: at for at, event in enumerate(events) if isinstance(event, did.Reversed)}
    standing = [
        event for event in events if event.key not in taken_back and not isinstance(event, did.Reversed)
    ]
    book, seen = Book(places={event.key: at for at, event in enumerate(events)}), list[did.Event]()
    if not product.order.follows_time:
        book.rows = planned_rows(product, standing)
        if product.prepaying or product.on_arrears:
            book.rows = counted_anew(product, book.rows, standing, as_of)
    for event in _in_order(standing, product.order):
        if product.order.follows_time and isinstance(event, did.Disbursed | did.Rescheduled):
            seen.append(event)
            replan(book, planned_rows(product, seen), event.on, row_order(product.order))
        _APPLY[type(event)](book, event, product)
    for key, at in taken_back.items():
        if (gone := replay(product, events[:at], as_of).entry(key)) is not None:
            gone.is_reversed = True
            book.entries.append(gone)
    book.entries.sort(key=lambda entry: (entry.on, book.places[entry.key]))
    _balance(book, [event for event in standing if isinstance(event, did.Disbursed)], product.order)
    return book


def _balance(book: Book, disbursed: Sequence[did.Disbursed], order: PaymentOrder) -> None:
    """The principal that the plan leaves after each row, of what was disbursed by then."""
    planned = 0
    for row in book.rows:
        planned += row.owed[PRINCIPAL] - row.credited
        until = row.from_on if order.follows_time and row.from_on < row.due_on else row.due_on
        row.balance_minor = -planned + sum(
            each.minor for each in disbursed if each.on <= until or each.on < row.due_on
        )


def _in_order(events: Sequence[did.Event], order: PaymentOrder) -> list[did.Event]:
    """By business date, then as recorded; charges once they are due or recorded, or first of all where the loan does not follow time."""

    def moment(event: did.Event) -> date:
        if isinstance(event, did.Charged):
            return min(event.on, event.recorded_on) if order.follows_time else date.min
        return event.on

    return sorted(events, key=moment)


def _disbursed(book: Book, event: did.Disbursed, product: Product) -> None:
    book.disbursed_minor += event.minor
    _use_held(book, event.on, product.order)
    _enter(book, Entry(event, "disbursement", event.minor))


def down_payment_due(product: Product, events: Sequence[did.Event]) -> int:
    """What is to be paid at once after the last disbursement, less money held before it; 0 where the product takes none itself."""
    if not product.pays_down_itself or not isinstance(last := events[-1], did.Disbursed):
        return 0
    return max(0, product.down_minor(last.minor) - replay(product, events[:-1]).overpaid_minor)


def _use_held(book: Book, on: date, order: PaymentOrder) -> None:
    """Money held for the borrower pays what is owed now."""
    if book.overpaid_minor:
        held, book.overpaid_minor = book.overpaid_minor, 0
        _parts, book.overpaid_minor = pay(book.rows, held, on, order, "repayment")


def _charged(book: Book, event: did.Charged, product: Product) -> None:
    component = PENALTIES if event.is_penalty else FEES
    if event.rate:
        rows = [row for row in book.rows if not row.is_down_payment]
        parts = [whole(event.rate * (row.owed[PRINCIPAL] + row.owed[INTEREST])) for row in rows]
    else:
        rows, parts = [book.row_of(event.on)], [event.minor]
    for row, minor in zip(rows, parts, strict=True):
        row.owed[component] += minor
        row.charged.append((event.on, component, minor, book.places[event.key]))
        row.met_on = None
    book.charges.append(Charge(event, component, sum(parts)))
    _use_held(book, event.on, product.order)


def _kept_back(book: Book, event: did.FeeKeptBack, product: Product) -> None:
    book.kept_back_minor += event.minor
    entry = Entry(event, "kept_back", event.minor, nothing() | {FEES: event.minor})
    _enter(book, entry, balance=_principal(book, event.on) + event.of_minor)


def _recounted(book: Book, event: did.InterestRecounted, product: Product) -> None:
    recount(book, event.on, product)


def _pay(book: Book, event: did.Paid, product: Product) -> None:
    parts, left = pay(book.rows, event.minor, event.on, product.order, event.kind, book.places[event.key])
    book.overpaid_minor += left
    _enter(book, Entry(event, event.kind, event.minor, parts, left))


def _charged_back(book: Book, event: did.ChargedBack, product: Product) -> None:
    """Money held for the borrower pays it first; the rest is owed again, as principal or as what its payment had covered."""
    held = min(book.overpaid_minor, event.minor)
    book.overpaid_minor -= held
    parts = _given_back(book, event, product.order)
    if held < event.minor or product.order.credits:
        row = book.row_of(event.on)
        for component, minor in parts.items():
            row.owed[component] += minor
        row.credited += parts[PRINCIPAL]
        row.met_on = None
        pay([row], held, event.on, product.order, "repayment")
    if not product.order.credits:
        parts[PRINCIPAL] -= held
    entry = Entry(event, "chargeback", event.minor, parts, held)
    entry.of = event.of
    _enter(book, entry)


def _given_back(book: Book, event: did.ChargedBack, order: PaymentOrder) -> dict[str, int]:
    parts, paid, owed = nothing(), book.entry(event.of), event.minor
    if not order.credits or paid is None:
        return parts | {PRINCIPAL: owed}
    before = [each for each in book.entries if each.kind == "chargeback" and each.of == event.of]
    for component in order.credits:
        left = paid.parts[component] - sum(each.parts[component] for each in before)
        parts[component] = min(owed, max(0, left))
        owed -= parts[component]
    parts[PRINCIPAL] += owed
    return parts


def _waived(book: Book, event: did.Waived, product: Product) -> None:
    charge = next((each for each in book.charges if each.key == event.charge), None)
    if charge is None:
        raise ImpossibleEvent(f"there is no charge {event.charge!r} to waive")
    row = book.row_of(charge.due_on)
    minor = min(row.open(charge.component), charge.minor)
    row.waived[charge.component] += minor
    row.settle(charge.due_on)
    charge.waived_minor += minor
    _enter(book, Entry(event, "waiver", minor))


def _re_aged(book: Book, event: did.ReAged, product: Product) -> None:
    minor = re_age(book, event, product.rounding)
    _enter(book, Entry(event, "re_age", minor, nothing() | {PRINCIPAL: minor}), balance=0)


def _re_amortised(book: Book, event: did.ReAmortised, product: Product) -> None:
    minor = re_amortise(book, event.on, product.rounding)
    _enter(book, Entry(event, "re_amortisation", minor, nothing() | {PRINCIPAL: minor}), balance=0)


def _settled_early(book: Book, event: did.SettledEarly, product: Product) -> None:
    settle_early(book, event.on, product.day_count)


def _outstanding(book: Book, event: did.Event, kind: str) -> Entry:
    parts = {component: sum(row.open(component) for row in book.rows) for component in COMPONENTS}
    return Entry(event, kind, sum(parts.values()), parts)


def _charged_off(book: Book, event: did.ChargedOff, product: Product) -> None:
    _enter(book, _outstanding(book, event, "charge_off"), balance=0)


def _written_off(book: Book, event: did.WrittenOff, product: Product) -> None:
    entry = _outstanding(book, event, "write_off")
    for row in book.rows:
        for component in COMPONENTS:
            row.waived[component] += row.open(component)
        row.settle(event.on)
    book.is_written_off = True
    _enter(book, entry)


def _recovered(book: Book, event: did.Recovered, product: Product) -> None:
    if not book.is_written_off:
        raise ImpossibleEvent("only a loan written off can be recovered: record a payment instead")
    book.recovered_minor += event.minor
    _enter(book, Entry(event, "recovery", event.minor))


def _credit_refunded(book: Book, event: did.CreditRefunded, product: Product) -> None:
    """What is refunded beyond the money held is owed again."""
    held = min(book.overpaid_minor, event.minor)
    book.overpaid_minor -= held
    parts = nothing() | {PRINCIPAL: event.minor - held}
    if parts[PRINCIPAL]:
        row = book.row_of(event.on)
        row.owed[PRINCIPAL] += parts[PRINCIPAL]
        row.credited += parts[PRINCIPAL]
        row.met_on = None
    _enter(book, Entry(event, "credit_refund", event.minor, parts, held))


def _planned(book: Book, event: did.Event, product: Product) -> None:
    """What only shapes the rows is done before."""


def _enter(book: Book, entry: Entry, balance: int | None = None) -> None:
    entry.balance_minor = _principal(book, entry.on) if balance is None else balance
    book.entries.append(entry)


def _principal(book: Book, on: date) -> int:
    """Principal handed out or given back by that entry, less what was paid of it."""
    moved = sum(row.credited - row.paid[PRINCIPAL] - row.waived[PRINCIPAL] for row in book.rows)
    return book.disbursed_minor + moved


Apply = Callable[[Book, Any, Product], None]
_APPLY: dict[type[did.Event], Apply] = {
    did.Disbursed: _disbursed,
    did.FeeKeptBack: _kept_back,
    did.InterestRecounted: _recounted,
    did.Charged: _charged,
    did.Paid: _pay,
    did.ChargedBack: _charged_back,
    did.Waived: _waived,
    did.ReAged: _re_aged,
    did.ReAmortised: _re_amortised,
    did.SettledEarly: _settled_early,
    did.ChargedOff: _charged_off,
    did.WrittenOff: _written_off,
    did.Recovered: _recovered,
    did.CreditRefunded: _credit_refunded,
    did.Rescheduled: _planned,
}
