"""Which documents money would cover: chosen ones first, then by the portfolio's order. What a preview shows, a receipt does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from aldia.domain.allocation import Allocation, AllocationOrder, OpenItem, allocate


@dataclass(frozen=True, slots=True)
class Spread:
    """What each document would get, and what would wait unapplied (minor units of one currency)."""

    given: tuple[Allocation, ...]
    unapplied_minor: int
    discounts: Mapping[str, int] = field(default_factory=dict)  # taken off documents paid early, by document


def spread(
    funds: int,
    items: Sequence[OpenItem],
    issued: dict[str, date],
    *,
    order: AllocationOrder,
    chosen: Sequence[str] = (),
    horizon: date,
    early: Mapping[str, int] | None = None,
) -> Spread:
    """Return how money goes to open items. What is issued after `horizon` is covered only when it was chosen. A document of
    `early` is paid whole by its balance less that discount.

    Raises UnknownDocument of `domain.allocation` for a chosen one with nothing open.
    """
    items = _less(items, early or {})
    given, rest = _to_chosen(funds, items, chosen, order.components)
    usable = [item for item in _after(items, given) if issued[item.document] <= horizon]
    result = allocate(rest, usable, order)
    every = (*given, *result.items)
    left = {item.document: item.open_minor for item in _after(items, every)}
    taken = {name: minor for name, minor in (early or {}).items() if left.get(name) == 0}
    return Spread(every, result.unapplied_minor, taken)


def _less(items: Sequence[OpenItem], early: Mapping[str, int]) -> Sequence[OpenItem]:
    return [replace(item, open_minor=item.open_minor - early.get(item.document, 0)) for item in items]


def _to_chosen(
    funds: int, items: Sequence[OpenItem], chosen: Sequence[str], components: tuple[str, ...]
) -> tuple[tuple[Allocation, ...], int]:
    if not chosen:
        return (), funds
    result = allocate(funds, items, AllocationOrder.to_documents(dict.fromkeys(chosen), components))
    return result.items, result.unapplied_minor


def _after(items: Sequence[OpenItem], given: Sequence[Allocation]) -> list[OpenItem]:
    """The items less what was given to them."""
    taken = {(item.document, item.component): item.minor for item in given}
    return [
        replace(item, open_minor=item.open_minor - taken.get((item.document, item.component), 0))
        for item in items
    ]
