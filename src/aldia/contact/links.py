"""The debtor's way in: a link that expires and can be revoked. Only the hash of its token is kept; a GET never uses it up."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact.models import DebtorLink
from aldia.db.prepared import prepared

LIFE = timedelta(days=60)
TOKEN_BYTES = 24


def make_link(
    *, organisation_id: int, case_id: int, party_id: int, origin: str, now: datetime
) -> tuple[str, DebtorLink]:
    """Return a new token and its row. The token itself is nowhere but in the message that carries it."""
    token, link = draft_link(
        organisation_id=organisation_id, case_id=case_id, party_id=party_id, origin=origin, now=now
    )
    link.save()
    return token, link


def draft_link(
    *, organisation_id: int, case_id: int, party_id: int, origin: str, now: datetime
) -> tuple[str, DebtorLink]:
    """Return the same, its row still to be written: it opens nothing before."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = DebtorLink(
        organisation_id=organisation_id, case_id=case_id, party_id=party_id, token_hash=hash_of(token), origin=origin,
        created_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    return token, link


def resolve_link(token: str, *, now: datetime) -> DebtorLink | None:
    """Return the link of a token while it lives; None for an unknown, expired or revoked one.

    It lives by the clock of its organisation: a message of a simulated day carries a link that works on that day.
    """
    link: DebtorLink | None = next(iter(_links(hash_of(token))), None)
    if link is None or link.expires_at <= access.clock_of(link.organisation, now).now:
        return None
    return link


def link_of(*, organisation_id: int, link_id: int | None, now: datetime) -> DebtorLink | None:
    """Return a link by its row while it lives."""
    rows = DebtorLink.objects.of(organisation_id).filter(pk=link_id, revoked_at=None, expires_at__gt=now)
    found: DebtorLink | None = rows.first()
    return found


@prepared
def _links(token_hash: str) -> Any:
    rows = DebtorLink.objects.across_organisations().filter(token_hash=token_hash, revoked_at=None)
    return rows.select_related("organisation")


def note_opening(*, link: DebtorLink, now: datetime) -> None:
    """Remember the first time that somebody looked; looking changes nothing else."""
    if link.opened_at is None:
        DebtorLink.objects.of(link.organisation_id).filter(pk=link.pk, opened_at=None).update(opened_at=now)


def revoke_links(*, actor: Actor, case_id: int, now: datetime) -> int:
    """Close every open link of a case; return how many."""
    rows = DebtorLink.objects.of(actor.organisation_id).filter(case_id=case_id, revoked_at=None)
    revoked = int(rows.update(revoked_at=now))
    audit.record(
        actor=actor,
        verb="contact.link.revoke",
        object_type="case",
        object_id=case_id,
        now=now,
        data={"links": revoked},
    )
    return revoked


def address_of(token: str, page: str = "") -> str:
    """Return the full address of a link, or of one of its pages (`pagar`, `promesa`, `ya-pague`, `desacuerdo`)."""
    return f"{settings.PUBLIC_URL}/p/{token}/{page + '/' if page else ''}"


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
