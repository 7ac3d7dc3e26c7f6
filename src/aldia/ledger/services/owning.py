"""A portfolio changes hands on a day: appended, never edited."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.ledger.models import Creditor, Ownership, Portfolio
from aldia.ledger.services.portfolios import ensure_creditor

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


class BadOwner(Exception):
    """Raised when a portfolio cannot change hands so: nobody is named, or it is that owner's already."""


@transaction.atomic
def change_owner(
    *, actor: Actor, portfolio_id: int, name: str, tax_id: str, from_on: date, note: str, clock: Clock
) -> Ownership:
    """Return the change: from that day on the portfolio is of this trust, buyer or company, new where it is not known.

    Money of earlier days stays the earlier owner's. Raises BadOwner, NotAllowed, Portfolio.DoesNotExist.
    """
    actor.check(Permission.EDIT_SETTINGS)
    portfolio = Portfolio.objects.of(actor.organisation_id).select_for_update().get(pk=portfolio_id)
    clean = " ".join(name.split())[:200]
    if not clean:
        raise BadOwner(_("Escribe de quién pasa a ser la cartera."))
    owner = _owner(actor, clean, "".join(tax_id.split())[:30], portfolio, clock)
    last = (
        Ownership.objects.of(actor.organisation_id)
        .filter(portfolio=portfolio)
        .order_by("from_on", "pk")
        .last()
    )
    if (last.owner_id if last else portfolio.creditor_id) == owner.pk:
        raise BadOwner(_("Esa cartera ya es de %(name)s.") % {"name": owner.name})
    row: Ownership = Ownership.objects.create(
        organisation_id=actor.organisation_id, portfolio=portfolio, owner=owner, from_on=from_on, note=note.strip()[:200],
        recorded_at=clock.now, recorded_by=actor.label,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="ledger.portfolio.owner", object_type="portfolio", object_id=portfolio.pk, now=clock.now,
        data={"owner": owner.pk, "from_on": from_on.isoformat()},
    )  # fmt: skip
    return row


def _owner(actor: Actor, name: str, tax_id: str, portfolio: Portfolio, clock: Clock) -> Creditor:
    known = Creditor.objects.of(actor.organisation_id)
    found: Creditor | None = (known.filter(tax_id=tax_id).first() if tax_id else None) or known.filter(
        name=name
    ).first()
    if found is not None:
        return found
    key = f"duenio-{slugify(name)[:40]}-{known.count() + 1}"
    return ensure_creditor(
        actor=actor,
        key=key,
        name=name,
        now=clock.now,
        tax_id=tax_id,
        country=portfolio.country or portfolio.creditor.country,
    )
