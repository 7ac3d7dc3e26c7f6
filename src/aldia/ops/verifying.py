"""What `verify` proves of the whole house: balances, receipts, the audit chain and the files kept, all derived again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.ledger import selectors as ledger
from aldia.payments import selectors as payments

if TYPE_CHECKING:
    from aldia.access.models import Organisation


@dataclass
class Verified:
    """How many postings were read, and everything that does not fit."""

    postings: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.differences


def verify(organisations: Iterable[Organisation], *, tell: Callable[[str], None]) -> Verified:
    """Return what derives again and what does not, of each organisation."""
    verified = Verified()
    for organisation in organisations:
        tell(_("Revisando %(name)s …") % {"name": organisation.name})
        books = payments.verify(organisation.pk)
        verified.postings += books.postings
        found = [asdict(difference) for difference in books.differences]
        chain = audit.verify_chain(organisation.pk)
        if not chain.is_whole:
            broken = f"broken at event {chain.broken_at}"
            found.append({"kind": "audit_chain", "expected": "whole", "found": broken})
        found += [
            {"kind": "stored_file", "name": name, "expected": sha256, "found": state}
            for name, sha256, state in ledger.broken_files(organisation.pk)
        ]
        verified.differences += [{"organisation": organisation.key, **difference} for difference in found]
    return verified
