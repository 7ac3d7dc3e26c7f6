"""Who opened the link: a code sent to a point we know, or digits of the document. Few tries, short life."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from aldia.access.actors import Clock, system
from aldia.contact.models import DebtorLink, Order, Verification
from aldia.contact.services.orders import OrderDraft, place_orders
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
MOST_CODES_A_DAY = 5
DIGITS = 4


class TooManyTries(Exception):
    """Raised when a link has been tried too often; somebody of the creditor has to help."""


class VerificationFailed(Exception):
    """Raised when the code or the digits are not the right ones; the same text for every case."""


def send_code(*, link: DebtorLink, channel: str, clock: Clock, now: datetime) -> None:
    """Send a six-digit code by a channel to the person's best known point; silent when there is none.

    A code lives in real time (`now`), whatever day a sandbox is living (`clock`). Raises TooManyTries.
    """
    recent = Verification.objects.of(link.organisation_id).filter(
        link=link, created_at__gt=now - timedelta(days=1)
    )
    if recent.count() >= MOST_CODES_A_DAY:
        raise TooManyTries(_("Pediste varios códigos hoy. Llámanos y te ayudamos."))
    code = f"{secrets.randbelow(10**6):06}"
    made = Verification.objects.create(
        organisation_id=link.organisation_id, link=link, code_hash=_hash(link, code), created_at=now
    )
    portfolio_id, creditor_id, party_id = ledger.account_of(system(link.organisation_id), link.case_id)
    draft = OrderDraft(
        creditor_id=creditor_id, portfolio_id=portfolio_id, case_id=link.case_id, party_id=party_id,
        identity=f"code:{made.pk}", channel=channel, template_key="verification_code", origin=f"link:{link.pk}",
        as_of=clock.as_of, not_before_at=clock.now, expires_at=clock.now + LIFE, extra={"code": code},
        purpose="requested", priority=100, has_statement=False,
    )  # fmt: skip
    place_orders(organisation_id=link.organisation_id, orders=[draft], now=clock.now)


def verify_code(*, link: DebtorLink, code: str, now: datetime) -> None:
    """Accept the latest code of the link. Raises VerificationFailed, TooManyTries."""
    latest = (
        Verification.objects.of(link.organisation_id)
        .filter(link=link, created_at__gt=now - LIFE, verified_at=None)
        .exclude(code_hash="")
        .order_by("-id")
        .first()
    )
    if latest is None:
        raise VerificationFailed(_("No es ese código, o ya pasó su tiempo. Pide otro."))
    _count_try(latest)
    if not hmac.compare_digest(latest.code_hash, _hash(link, code.strip())):
        raise VerificationFailed(_("No es ese código, o ya pasó su tiempo. Pide otro."))
    _accept(latest, now)


def verify_digits(*, link: DebtorLink, digits: str, now: datetime) -> None:
    """Accept the last digits of the person's tax id. Raises VerificationFailed, TooManyTries."""
    attempt, _made = Verification.objects.of(link.organisation_id).get_or_create(
        organisation_id=link.organisation_id,
        link=link,
        code_hash="",
        verified_at=None,
        defaults={"created_at": now},
    )
    _count_try(attempt)
    party = parties.party(system(link.organisation_id), link.party_id)
    known = "".join(character for character in party.tax_id if character.isalnum())[-DIGITS:]
    given = "".join(character for character in digits if character.isalnum())
    if len(known) < DIGITS or not hmac.compare_digest(known.upper().encode(), given.upper().encode()):
        raise VerificationFailed(_("No coincide con lo que tenemos. Revisa los números."))
    _accept(attempt, now)


def _count_try(attempt: Verification) -> None:
    rows = Verification.objects.of(attempt.organisation_id).filter(pk=attempt.pk, tries__lt=MOST_TRIES)
    if not rows.update(tries=F("tries") + 1):
        raise TooManyTries(_("Probaste varias veces. Llámanos y te ayudamos."))


def _accept(attempt: Verification, now: datetime) -> None:
    Verification.objects.of(attempt.organisation_id).filter(pk=attempt.pk).update(verified_at=now)
    # A code is worth nothing once used: it must not stay readable in the outbox.
    Order.objects.of(attempt.organisation_id).filter(identity=f"code:{attempt.pk}").update(extra={})


def _hash(link: DebtorLink, code: str) -> str:
    return hashlib.sha256(f"{link.pk}:{link.token_hash}:{code}".encode()).hexdigest()
