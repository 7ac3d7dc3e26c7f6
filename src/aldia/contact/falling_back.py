"""When a message cannot arrive, the same notice goes another way, once a channel; when it arrived after all, it is taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from aldia.contact.models import ChannelSetting, Order, OrderState, Template
from aldia.parties import selectors as parties

CHANNELS: Final = ("email", "whatsapp", "sms")
"""Another way without a person: in this order."""
_LIFE: Final = timedelta(days=3)
_MARK: Final = ":via:"


def try_another_way(order: Order, *, now: datetime) -> Order | None:
    """Place the notice again on the next channel that has an address, a text and a provider; None when there is none.

    The law, the balance and the holds are looked at when it leaves. A notice that a person sent by hand is left to that person.
    """
    if not order.origin.startswith("run:") or order.purpose != "collection":
        return None
    base = order.identity.partition(_MARK)[0]
    tried = {order.channel, *_tried(order, base)}
    points = parties.best_points(order.organisation_id, order.party_id, order.creditor_id)
    ready = [each for each in CHANNELS if each not in tried and each in points and _leaves(order, each)]
    if not ready:
        return None
    chosen = ready[0]
    made: Order
    made, _is_new = Order.objects.get_or_create(
        organisation_id=order.organisation_id,
        identity=f"{base[:180]}{_MARK}{chosen}",
        defaults={
            "creditor_id": order.creditor_id, "portfolio_id": order.portfolio_id, "case_id": order.case_id,
            "party_id": order.party_id, "channel": chosen, "template_key": order.template_key,
            "document_ids": order.document_ids, "has_statement": order.has_statement,
            "has_documents": order.has_documents, "extra": order.extra, "origin": order.origin, "purpose": order.purpose,
            "priority": order.priority, "as_of": order.as_of, "not_before_at": now, "expires_at": now + _LIFE,
            "created_at": now,
        },
    )  # fmt: skip
    return made


def take_back(order: Order, *, now: datetime) -> None:
    """The message arrived: what waits to go another way instead of it is cancelled."""
    base = order.identity.partition(_MARK)[0]
    rows = Order.objects.of(order.organisation_id).filter(case_id=order.case_id, state=OrderState.QUEUED)
    rows.filter(identity__startswith=f"{base[:180]}{_MARK}").update(
        state=OrderState.CANCELLED, reason="arrived", finished_at=now
    )


def _tried(order: Order, base: str) -> set[str]:
    rows = Order.objects.of(order.organisation_id).filter(case_id=order.case_id)
    return set(rows.filter(identity__startswith=base[:180]).values_list("channel", flat=True))


def _leaves(order: Order, channel: str) -> bool:
    has_text = Template.objects.of(order.organisation_id).filter(
        key=order.template_key, channel=channel, state="PUBLISHED"
    )
    settings = ChannelSetting.objects.of(order.organisation_id).filter(channel=channel, is_paused=False)
    is_on = order.organisation.is_sandbox or settings.filter(is_live=True).exists()
    return is_on and has_text.exists()
