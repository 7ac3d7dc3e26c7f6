"""An answer on its way by telephone: through the outbox, to the very number that wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aldia.access.actors import Clock, system
from aldia.chat.words import with_pages
from aldia.contact import links
from aldia.contact import services as contact
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.contact.inbound.models import Reply
    from aldia.parties.models import ContactPoint

TEMPLATE: Final = "chat_reply"
LIFE: Final = timedelta(hours=1)  # an answer that could not leave in an hour answers nothing any more


def point_of(reply: Reply, creditor_id: int) -> ContactPoint | None:
    """Return the person's own active point that a message came from; None for an address that we do not know."""
    assert reply.case_id is not None
    actor = system(reply.organisation_id)
    _portfolio, _creditor, party_id = ledger.account_of(actor, reply.case_id)
    wanted = {reply.sender.lower(), f"+{reply.sender.lstrip('+')}"}
    found = (row for row in parties.points(actor, party_id, creditor_id) if row.state == "ACTIVE")
    return next((row for row in found if row.value in wanted), None)


def send(reply: Reply, exchange_id: int, said: Sequence[str], *, point_id: int, clock: Clock) -> None:
    """Leave the answer in the outbox; it was asked for, so it leaves at any hour. Nothing said, nothing sent."""
    if not said or reply.case_id is None:
        return
    portfolio_id, creditor_id, party_id = ledger.account_of(system(reply.organisation_id), reply.case_id)
    text = with_pages(
        "\n".join(said), lambda name: _address(reply, party_id, name, clock)
    )  # the secret of a link is in the message that carries it, and nowhere else
    draft = contact.OrderDraft(
        creditor_id=creditor_id, portfolio_id=portfolio_id, case_id=reply.case_id, party_id=party_id,
        identity=f"chat:{exchange_id}", channel=reply.channel, template_key=TEMPLATE, origin=f"reply:{reply.pk}",
        as_of=clock.as_of, not_before_at=clock.now, expires_at=clock.now + LIFE, contact_point_id=point_id,
        extra={"text": text}, purpose="requested", priority=95, has_statement=False,
    )  # fmt: skip
    contact.place_orders(organisation_id=reply.organisation_id, orders=[draft], now=clock.now)


def _address(reply: Reply, party_id: int, name: str, clock: Clock) -> str:
    assert reply.case_id is not None
    token, _link = contact.make_link(
        organisation_id=reply.organisation_id, case_id=reply.case_id, party_id=party_id, origin=f"reply:{reply.pk}", now=clock.now,
    )  # fmt: skip
    return links.address_of(token, name)
