"""Allocation: which open items a receipt covers, in an order that is data.

Every minor unit is conserved: allocations plus the unapplied rest equal the receipt, always; and no item
ever receives more than it has open. One call handles one currency.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from aldia.domain import balances
from aldia.domain.balances import PRINCIPAL
from aldia.domain.money import CurrencyMismatch, split

CHARGES_FIRST = (
    balances.LEGAL_COST, balances.COLLECTION_COST, balances.BANK_CHARGE, balances.PENALTY_INTEREST, balances.LATE_INTEREST,
    balances.FEES, balances.INSURANCE, balances.TAX, balances.COMPENSATORY_INTEREST, PRINCIPAL,
)  # fmt: skip
"""The usual order within a document: costs, interest of delay, charges, interest, principal."""


class AllocationError(ValueError):
    """Any refusal of this module."""


class MoreThanOpen(AllocationError):
    """A document was given more than it has open."""


class MoreThanReceipt(AllocationError):
    """The explicit amounts are more than the receipt."""


class UnknownDocument(AllocationError):
    """An explicit allocation names a document that is not open."""


class OrderKind(StrEnum):
    """The ways of spreading a receipt."""

    OLDEST_FIRST = "oldest_first"
    BY_COMPONENT = "by_component"
    PROPORTIONAL = "proportional"
    EXPLICIT = "explicit"


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One component of one document with money open; negative for a credit note."""

    document: str
    open_minor: int
    due_on: date
    component: str = PRINCIPAL
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What an explicit allocation gives a document; without amount, as much as it has open."""

    document: str
    minor: int | None = None


@dataclass(frozen=True, slots=True)
class AllocationOrder:
    """The order, as data of a portfolio.

    * ``oldest_first``: by due date, then document; inside a document by ``components``.
    * ``by_component``: all of the first component over every document, then the next.
    * ``proportional``: by what each item has open, largest remainder.
    * ``explicit``: the documents of ``shares`` in that order; what is left stays unapplied.

    Components that are not listed come last, by name. ``nets_credits`` uses credit notes before the receipt.
    """

    kind: OrderKind = OrderKind.OLDEST_FIRST
    components: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    nets_credits: bool = False

    @classmethod
    def to_documents(
        cls, documents: Iterable[str], components: tuple[str, ...] = CHARGES_FIRST
    ) -> "AllocationOrder":
        """Explicit: these documents, in this order, as far as the money reaches."""
        return cls(OrderKind.EXPLICIT, components, tuple(Share(document) for document in documents))

    def rank_of(self, component: str) -> tuple[int, str]:
        """The place of a component: its position in the list, else last by name."""
        known = component in self.components
        return (self.components.index(component), "") if known else (len(self.components), component)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Money given to one item (negative when a credit note gives it)."""

    document: str
    component: str
    minor: int


@dataclass(frozen=True, slots=True)
class Allocations:
    """The result: ``sum(items) + unapplied_minor`` is the receipt."""

    items: tuple[Allocation, ...]
    unapplied_minor: int

    @property
    def applied_minor(self) -> int:
        """What the items took of the receipt."""
        return sum(item.minor for item in self.items)

    def by_document(self) -> dict[str, int]:
        """Minor units per document, in order of allocation."""
        sums: dict[str, int] = {}
        for item in self.items:
            sums[item.document] = sums.get(item.document, 0) + item.minor
        return sums


def allocate(receipt_minor: int, open_items: Sequence[OpenItem], order: AllocationOrder) -> Allocations:
    """Spread a receipt over open items.

    ``allocate(150, [A due 1 Jan open 100, B due 1 Feb open 100], oldest_first)`` -> A 100, B 50, unapplied 0.
    Raises AllocationError for a negative receipt, CurrencyMismatch for mixed currencies, and for explicit
    orders UnknownDocument, MoreThanOpen and MoreThanReceipt.
    """
    if receipt_minor < 0:
        raise AllocationError(f"a receipt is 0 or more, found {receipt_minor}: reverse the receipt instead")
    _check_one_currency(open_items)
    debts = [item for item in open_items if item.open_minor > 0]
    credit_notes = [item for item in open_items if item.open_minor < 0] if order.nets_credits else []
    credit_minor = -sum(item.open_minor for item in credit_notes)
    given = _SPREAD[order.kind](receipt_minor + credit_minor, debts, order)
    spent = sum(item.minor for item in given)
    from_credits = min(credit_minor, spent)
    return Allocations(
        (*_draw(from_credits, credit_notes, order), *given), receipt_minor - (spent - from_credits)
    )


def by_document(items: Iterable[OpenItem]) -> tuple[OpenItem, ...]:
    """The items with the components of each document together, in the order in which they came."""
    whole: dict[str, OpenItem] = {}
    for item in items:
        before = whole.get(item.document)
        whole[item.document] = replace(
            item, component=PRINCIPAL, open_minor=item.open_minor + (before.open_minor if before else 0)
        )
    return tuple(whole.values())


def netted(parts: Mapping[str, int], order: Sequence[str] = CHARGES_FIRST) -> dict[str, int]:
    """Open amounts by component without any of the opposite sign: `{interest: -5, principal: 100}` -> `{principal: 95}`."""
    total = sum(parts.values())
    side = 1 if total >= 0 else -1
    spare = side * sum(minor for minor in parts.values() if minor * side < 0)
    known = {component: place for place, component in enumerate(order)}
    kept: dict[str, int] = {}
    for component in sorted(parts, key=lambda name: (known.get(name, len(known)), name)):
        minor = max(0, side * parts[component])
        used = min(minor, -spare)
        spare += used
        if minor - used:
            kept[component] = side * (minor - used)
    return kept


def _check_one_currency(open_items: Sequence[OpenItem]) -> None:
    currencies = sorted({item.currency for item in open_items})
    if len(currencies) > 1:
        raise CurrencyMismatch(currencies[0], currencies[1])


def _oldest(items: Iterable[OpenItem], order: AllocationOrder) -> list[OpenItem]:
    return sorted(items, key=lambda item: (item.due_on, item.document, order.rank_of(item.component)))


def _fill(funds: int, items: Iterable[OpenItem]) -> list[Allocation]:
    given = []
    for item in items:
        minor = min(funds, item.open_minor)
        if minor > 0:
            given.append(Allocation(item.document, item.component, minor))
            funds -= minor
    return given


def _oldest_first(funds: int, debts: list[OpenItem], order: AllocationOrder) -> list[Allocation]:
    return _fill(funds, _oldest(debts, order))


def _by_component(funds: int, debts: list[OpenItem], order: AllocationOrder) -> list[Allocation]:
    return _fill(funds, sorted(_oldest(debts, order), key=lambda item: order.rank_of(item.component)))


def _proportional(funds: int, debts: list[OpenItem], order: AllocationOrder) -> list[Allocation]:
    items = _oldest(debts, order)
    if not items:
        return []
    weights = [item.open_minor for item in items]
    # Funds capped at the whole debt: then no share, remainder included, can exceed its weight.
    shares = split(min(funds, sum(weights)), weights)
    return [
        Allocation(i.document, i.component, minor) for i, minor in zip(items, shares, strict=True) if minor
    ]


def _explicit(funds: int, debts: list[OpenItem], order: AllocationOrder) -> list[Allocation]:
    asked = sum(share.minor or 0 for share in order.shares)
    if asked > funds:
        raise MoreThanReceipt(f"the amounts given add up to {asked}, the receipt has {funds} (minor units)")
    if len({share.document for share in order.shares}) != len(order.shares):
        raise AllocationError("a document is named twice in an explicit allocation")
    given: list[Allocation] = []
    for share in order.shares:
        items = _oldest((item for item in debts if item.document == share.document), order)
        limit = _limit_of(share, items)
        part = _fill(min(funds, limit), items)
        funds -= sum(item.minor for item in part)
        given += part
    return given


def _limit_of(share: Share, items: list[OpenItem]) -> int:
    open_minor = sum(item.open_minor for item in items)
    if not items:
        raise UnknownDocument(f"document {share.document!r} has nothing open")
    if share.minor is None:
        return open_minor
    if not 0 < share.minor <= open_minor:
        raise MoreThanOpen(
            f"document {share.document!r} takes 1 to {open_minor}, found {share.minor} (minor units)"
        )
    return share.minor


def _draw(minor: int, credit_notes: list[OpenItem], order: AllocationOrder) -> list[Allocation]:
    """Take from credit notes, oldest first; their allocations are negative."""
    positive = [replace(item, open_minor=-item.open_minor) for item in _oldest(credit_notes, order)]
    return [replace(item, minor=-item.minor) for item in _fill(minor, positive)]


_SPREAD: dict[OrderKind, Callable[[int, list[OpenItem], AllocationOrder], list[Allocation]]] = {
    OrderKind.OLDEST_FIRST: _oldest_first,
    OrderKind.BY_COMPONENT: _by_component,
    OrderKind.PROPORTIONAL: _proportional,
    OrderKind.EXPLICIT: _explicit,
}
