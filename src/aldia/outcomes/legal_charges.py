"""What the law adds to a late document by itself (40 EUR, Chile's tariff): derived on a day, under every ceiling of its kind.

As interest of delay is: what the law gives by a day, less what was posted of it. Reading it twice, or posting it late, counts nothing
twice. A portfolio has it only from the day on which somebody switched it on: what fell due before bears none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from aldia.contact import law
from aldia.domain.balances import COLLECTION_COST
from aldia.domain.compliance.tariffs import Tariff, late_base, tariffs
from aldia.ledger import charges as books
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import NoUnitValue
from aldia.outcomes.charging import CeilingUnknown, Scale

if TYPE_CHECKING:
    from aldia.access.actors import Actor
    from aldia.contact.law import Matter
    from aldia.ledger.charges import ChargedDocument
    from aldia.ledger.models import Portfolio

SETTING: Final = "legal_charges"
"""Where a portfolio keeps since when it adds them: {"since": "2026-11-23"}; empty, it does not."""
COMPONENT: Final = COLLECTION_COST


@dataclass(frozen=True, slots=True)
class LegalCharge:
    """What a document bears by law on a day: in all, and how much of it was posted. `missing` says why it could not be derived."""

    document_id: int
    number: str
    currency: str
    charge: str
    rule_id: str
    since: date
    owed_minor: int
    posted_minor: int
    open_minor: int  # of what the document owes in the books: what may be taken back
    turns: int = 0  # how many postings told it
    posting_ids: tuple[int, ...] = ()  # those that hold
    is_waived: bool = False
    missing: str = ""
    unit: str = ""

    @property
    def to_post_minor(self) -> int:
        """What the books lack, below 0 what they have too much: never more than is still open."""
        if self.is_waived or self.missing:
            return 0
        return max(self.owed_minor - self.posted_minor, -max(0, self.open_minor))


def switched_on(portfolio: Portfolio) -> date | None:
    """Return since which due date a portfolio adds what the law gives; None where it does not, or another system keeps its balances."""
    told = portfolio.settings.get(SETTING, {}).get("since", "")
    return date.fromisoformat(told) if told and portfolio.authority == "ALDIA" else None


def legal_charges(actor: Actor, case_id: int, *, on: date) -> list[LegalCharge]:
    """Return what each late document of a case bears by law on a day, posted or not, the oldest first; what bears nothing is left out."""
    portfolio_id, _creditor, _party = ledger.account_of(actor, case_id)
    since = switched_on(ledger.portfolio(actor, portfolio_id))
    rows = books.charged_documents(actor.organisation_id, case_id, since=since, on=on) if since else []
    if not rows:
        return []
    about = law.matter(actor.organisation_id, case_id, on=on)
    given = tariffs(
        about.policy, debt_kind=about.portfolio.debt_kind, debtor_kind=about.portfolio.debtor_kind
    )
    found = [_derived(about, row, tariff, on) for row in rows for tariff in given]
    return [each for each in found if each.owed_minor or each.posted_minor or each.missing]


def by_document(charges: Sequence[LegalCharge]) -> Mapping[int, int]:
    """Return what is derived and not posted yet, by document."""
    found: dict[int, int] = {}
    for each in charges:
        if each.to_post_minor:
            found[each.document_id] = found.get(each.document_id, 0) + each.to_post_minor
    return found


def _derived(about: Matter, row: ChargedDocument, tariff: Tariff, on: date) -> LegalCharge:
    first_day, missing, unit, rule_id, owed = tariff.first_day(row.due_on), "", "", tariff.rule_id, 0
    if first_day <= on and not row.is_disputed:
        try:
            rule_id, owed = _amount(about, row, tariff, first_day)
        except NoUnitValue as unknown:
            missing, unit = str(unknown), unknown.unit
        except CeilingUnknown:
            pass  # the law gives it in another money: nothing to derive here
    posted = row.posted.get(tariff.charge, books.Posted())
    return LegalCharge(
        row.document_id, row.number, row.currency, tariff.charge, rule_id, first_day, owed, posted.minor, row.balance_minor,
        posted.turns, posted.posting_ids, posted.is_waived, missing, unit,
    )  # fmt: skip


def _amount(about: Matter, row: ChargedDocument, tariff: Tariff, first_day: date) -> tuple[str, int]:
    """The least that the rules of its kind allow, at the value that a unit had when the charge began, and the rule that says so."""
    base = late_base(row.moves, first_day)
    if not base:
        return tariff.rule_id, 0
    scale = Scale(about.organisation_id, about.policy, row.currency, first_day, (tariff.charge,))
    told = list(scale.limits(base, tariff.wait_days + 1))
    return min(told, key=lambda each: (each[1], each[0] != tariff.rule_id))
