"""The documents that a file may name: those the ledger holds and those that the same file brings, found by UUID or number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aldia.intake.einvoices.debts import CREDIT, PART, Debt, key_of

SHORTEST_STAMP: Final = 32


@dataclass
class Held:
    """One document of the ledger, or one about to be: `open_minor` is what is left of it while a file is planned."""

    reference: str
    number: str
    kind: str
    currency: str
    original_minor: int
    open_minor: int
    due_on: date
    state: str = "OPEN"
    document_id: int | None = None
    customer: str = ""
    account_id: int | None = None

    @property
    def stem(self) -> str:
        """The identity of the document that this is a part of."""
        return self.reference.partition(PART)[0]


def is_stamped(identity: str) -> bool:
    """Return whether an identity is a UUID or a key of a tax office, not the type and number of a document without one."""
    return len(identity) >= SHORTEST_STAMP and ":" not in identity


class Shelf:
    """Documents by the identity and by the number of their electronic document."""

    def __init__(self, known: Iterable[Mapping[str, Any]]) -> None:
        self._by_stem: dict[str, list[Held]] = defaultdict(list)
        self._by_number: dict[str, list[Held]] = defaultdict(list)
        for row in known:
            self._put(
                Held(
                    row["reference"], row["number"], row["kind"], row["currency"], row["original_minor"],
                    row["balance_minor"], row["due_on"], row["state"], row["document_id"],
                    account_id=row.get("account_id"),
                )
            )  # fmt: skip

    def add(self, debt: Debt) -> None:
        """Put the parts of a new document beside the known ones."""
        kind = "instalment" if len(debt.parts) > 1 else debt.kind
        for reference, number, due_on, minor in debt.parts:
            self._put(
                Held(reference, number, kind, debt.currency, minor, minor, due_on, customer=debt.customer.id)
            )

    def of(self, identity: str) -> list[Held]:
        """Return the parts of the document of this identity, by due date."""
        return self._by_stem.get(identity, [])

    def same_number(self, debt: Debt) -> list[Held]:
        """Return what came in by another way under the same number, currency and side. Two documents that each have a UUID of
        their own are two, whatever their numbers."""
        return [
            held
            for held in self._by_number.get(key_of(debt.number), [])
            if held.currency == debt.currency
            and held.state != "CANCELLED"
            and (held.kind == CREDIT) == (debt.kind == CREDIT)
            and not (is_stamped(held.stem) and is_stamped(debt.identity))
        ]

    def named(self, uuid: str | None, number: str | None, series: str | None = None) -> list[Held]:
        """Return the debts that a note or a payment names, by due date: by UUID where it says one, else by number."""
        found = self._by_stem.get(uuid.strip().upper(), []) if uuid else []
        if not found and not uuid:
            names = [f"{series or ''}{number or ''}", number or ""]
            found = next(
                (hit for name in names if key_of(name) and (hit := self._by_number.get(key_of(name)))), []
            )
        live = [held for held in found if held.state != "CANCELLED" and held.original_minor > 0]
        stems = {held.stem for held in live}
        return sorted(live, key=lambda held: held.due_on) if len(stems) == 1 else []

    def _put(self, held: Held) -> None:
        self._by_stem[held.stem].append(held)
        number = held.number.rpartition("/")[0] if PART in held.reference else held.number
        self._by_number[key_of(number)].append(held)
