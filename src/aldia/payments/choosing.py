"""Which documents money would cover: chosen ones first, then by the portfolio's order. What a preview shows, a receipt does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from aldia.domain.allocation import Allocation, AllocationOrder, OpenItem, allocate
from aldia.domain.loans.indexed import UnitValue


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


def passes(in_units: Mapping[str, set[int]], document_ids: Sequence[int]) -> list[tuple[str, list[int]]]:
    """Return in which order a receipt goes through what is owed: (indexed unit or nothing for its own currency, documents chosen).

    Documents in a unit that were chosen come first, then its own currency, then what else is owed in units.
    """
    chosen = [(unit, [key for key in document_ids if key in owed]) for unit, owed in in_units.items()]
    named = {key for _unit, keys in chosen for key in keys}
    own = [key for key in document_ids if key not in named]
    return [*(each for each in chosen if each[1]), ("", own), *((unit, []) for unit in in_units)]


def left_over(funds: int, done: Spread, items: Sequence[OpenItem], value: UnitValue | None) -> int:
    """Return what money is left after it was spread, in its own minor units.

    Money that became units of an indexed debt (`value`) leaves what they were not worth only when nothing more is owed:
    otherwise the fraction of a unit that it does not reach goes with it.
    """
    if value is None:
        return done.unapplied_minor
    used = sum(share.minor for share in done.given)
    owed = sum(item.open_minor for item in items) - sum(done.discounts.values())
    if not used:
        return funds
    return 0 if done.unapplied_minor == 0 and used < owed else funds - value.to_currency(used)


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
