"""What a visitor may pay now, and through which gateways."""

from __future__ import annotations

from typing import Any

from aldia.access import formats
from aldia.ledger import selectors as ledger
from aldia.payments import methods
from aldia.payments.running import owed_today
from aldia.web.portal.visits import Visit


def offers_of(visit: Visit) -> dict[str, Any]:
    """Return what may be paid now: its `currency`, its amount (`minor`, and in words `all_amount`) and the `ways` to pay it."""
    lines = owed_today(visit.actor, visit.case_id, as_of=visit.clock.as_of)
    totals = {code: total.minor for code, total in ledger.total_open(lines).items() if total.minor > 0}
    best, found = visit.portfolio.currency, []
    for currency in sorted(totals, key=lambda code: -totals[code]):
        found = methods.gateways_for(
            visit.actor, case_id=visit.case_id, currency=currency, is_sandbox=visit.organisation.is_sandbox
        )
        best = currency
        if found:
            break
    minor = totals.get(best, 0)
    return {
        "currency": best, "minor": minor, "ways": found,
        "all_amount": formats.money(minor, best, formats.known_locale(visit.organisation.locale)),
        "is_test": any(way.is_test for way in found),
    }  # fmt: skip
