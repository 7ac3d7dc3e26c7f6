"""What a provider or a person told us, taken in: delivery events, addresses retired or repaired, replies led to their case."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from aldia.access.actors import Actor, system
from aldia.cases import selectors as cases
from aldia.cases import services as case_services
from aldia.contact import falling_back, law, touches
from aldia.contact.inbound.models import Reply
from aldia.contact.models import HOUSE, ChannelSetting, DeliveryEvent, Message, Order
from aldia.contact.providers.protocol import Arrived, Event
from aldia.db.locks import named_lock
from aldia.domain import replies
from aldia.domain.delivery import RANKS, Standing, standing_of
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties
from aldia.parties import services as party_services

LONGEST_ID: Final = 120
WHATSAPP: Final = "whatsapp"  # as the source of a person's name there
PORTAL: Final = "portal"
_KINDS_OF_POINT: Final = {"email": "EMAIL", "sms": "PHONE", "whatsapp": "PHONE"}


@dataclass(frozen=True)
class Found:
    """Where a reply belongs, and how that is known; no case: unidentified."""

    case_id: int | None = None
    order_id: int | None = None
    matched_by: str = ""


def name_of(event_id: str) -> str:
    """Return an id that fits and stays the same for ever."""
    return event_id if len(event_id) <= LONGEST_ID else f"sha:{hashlib.sha256(event_id.encode()).hexdigest()}"


@transaction.atomic
def take_event(*, organisation_id: int, provider: str, event: Event, now: datetime) -> bool:
    """Keep one word of a provider about a message, once for ever, and do what follows; False for one that is not ours.

    What follows depends on all the words together, never on their order.
    """
    order = _order_of(organisation_id, provider, event)
    if order is None:
        return False
    with named_lock("delivery", order.pk):
        _kept, is_new = DeliveryEvent.objects.get_or_create(
            organisation_id=organisation_id,
            event_id=name_of(event.event_id),
            defaults={
                "order_id": order.pk, "kind": event.kind, "at": event.at or now,
                "detail": f"{event.address_state}|{event.detail}"[:300],
            },
        )  # fmt: skip
        if is_new:
            _follow(order, standing(organisation_id, order.pk), now)
    return True


def standing(organisation_id: int, order_id: int) -> Standing:
    """Return what became of a message, from all that was told of it."""
    rows = DeliveryEvent.objects.of(organisation_id).filter(order_id=order_id, kind__in=RANKS)
    return standing_of(
        (kind, detail.partition("|")[0]) for kind, detail in rows.values_list("kind", "detail")
    )


def _order_of(organisation_id: int, provider: str, event: Event) -> Order | None:
    rows = Order.objects.of(organisation_id)
    if event.reference:
        named = (
            Message.objects.of(organisation_id)
            .filter(reference=event.reference)
            .values_list("order_id", flat=True)
        )
        found: Order | None = rows.filter(pk__in=list(named)).first()
        if found is not None:
            return found
    if not event.provider_reference or provider in HOUSE:
        return None
    by_name = rows.exclude(provider__in=HOUSE).filter(
        provider=provider, provider_reference=event.provider_reference
    )
    first: Order | None = by_name.first()
    return first


def _follow(order: Order, told: Standing, now: datetime) -> None:
    """An address is retired or repaired, a person's word to stop is kept, and another way is tried or taken back."""
    actor = system(order.organisation_id)
    if order.contact_point_id is not None:
        _mark(actor, order, told, now)
    if told.is_opted_out:
        opt_out(
            organisation_id=order.organisation_id, party_id=order.party_id, creditor_id=order.creditor_id,
            channel=order.channel, evidence=f"event:{order.pk}", now=now,
        )  # fmt: skip
    if told.is_lost:
        case_services.note_news(actor=actor, case_ids=[order.case_id])
    if told.is_lost and not told.is_opted_out:
        falling_back.try_another_way(order, now=now)
    elif told.is_reached:
        falling_back.take_back(order, now=now)


def _mark(actor: Actor, order: Order, told: Standing, now: datetime) -> None:
    points = {point.pk: point for point in parties.points(actor, order.party_id, order.creditor_id)}
    point = points.get(order.contact_point_id or 0)
    if point is None:
        return
    if told.retires_address and point.state == "ACTIVE":
        party_services.mark_point(actor=actor, point_id=point.pk, state="BOUNCED", now=now)
    elif told.is_reached and point.state == "BOUNCED":
        party_services.mark_point(actor=actor, point_id=point.pk, state="ACTIVE", now=now)


def opt_out(
    *, organisation_id: int, party_id: int, creditor_id: int, channel: str, evidence: str, now: datetime
) -> None:
    """Keep that the person wants nothing more on a channel from a creditor; told again it changes nothing."""
    if channel not in parties.opted_out(organisation_id, party_id, creditor_id):
        party_services.record_consent(
            actor=system(organisation_id), party_id=party_id, creditor_id=creditor_id, channel=channel,
            is_granted=False, evidence=evidence, now=now,
        )  # fmt: skip


@transaction.atomic
def take_message(
    *, organisation_id: int, arrival_id: int, message: Arrived, found: Found, now: datetime, subject: str = ""
) -> Reply:
    """Keep what a person wrote, once for ever; a bare word to stop holds at once, the rest is suggested to whoever reads."""
    at = message.at if message.at and message.at < now + timedelta(minutes=5) else now
    kept: Reply
    kept, is_new = Reply.objects.get_or_create(
        organisation_id=organisation_id, event_id=name_of(message.event_id),
        defaults={
            "arrival_id": arrival_id, "channel": message.channel, "sender": message.sender[:250],
            "name": message.name[:200], "subject": subject[:250], "text": message.text,
            "media": list(message.media_kinds or ("file",) * len(message.media)), "case_id": found.case_id,
            "order_id": found.order_id, "matched_by": found.matched_by,
            "suggestion": replies.seems(message.payload) or replies.seems(message.text), "received_at": at,
        },
    )  # fmt: skip
    if is_new and found.case_id is not None:
        follow_reply(kept, now=now)
        _learn(organisation_id, found.case_id, message.user_id, now)
    return kept


def keep_written(*, organisation_id: int, case_id: int, event_id: str, text: str, now: datetime) -> Reply:
    """Return what somebody wrote on the page of a case, kept once however often it is sent."""
    message = Arrived(event_id=f"portal:{case_id}:{event_id}", channel=PORTAL, sender=PORTAL, text=text)
    found = Found(case_id, None, "token")
    return take_message(organisation_id=organisation_id, arrival_id=0, message=message, found=found, now=now)


def _learn(organisation_id: int, case_id: int, user_id: str, now: datetime) -> None:
    """Who wrote is known by WhatsApp's name too, from now on: the next message may carry no telephone."""
    if user_id:
        actor = system(organisation_id)
        party_id = ledger.account_of(actor, case_id)[2]
        party_services.note_reference(
            actor=actor, party_id=party_id, source=WHATSAPP, external_id=user_id, now=now
        )


def follow_reply(reply: Reply, *, now: datetime) -> None:
    """Do what a reply that has a case asks of itself: it counts as a contact, and a bare word to stop is obeyed."""
    assert reply.case_id is not None
    actor = system(reply.organisation_id)
    _portfolio, creditor_id, party_id = ledger.account_of(actor, reply.case_id)
    zone = law.zones_of(reply.organisation_id, reply.case_id)[0]
    touches.record_touch(
        actor=actor,
        origin=f"reply:{reply.pk}",
        touch=touches.TouchDraft(
            case_id=reply.case_id, party_id=party_id, creditor_id=creditor_id, channel=reply.channel,
            at=reply.received_at, local_on=reply.received_at.astimezone(zone).date(), is_inbound=True, is_contact=True,
        ),
    )  # fmt: skip
    case_services.note_news(actor=actor, case_ids=[reply.case_id])
    if replies.is_stop(reply.text):
        opt_out(
            organisation_id=reply.organisation_id, party_id=party_id, creditor_id=creditor_id, channel=asked_of(reply),
            evidence=f"reply:{reply.pk}", now=now,
        )  # fmt: skip


def asked_of(reply: Reply) -> str:
    """Return the channel that a word to stop is about; on our own page, where nobody is called, it is about all of them."""
    return "all" if reply.channel == PORTAL else reply.channel


@transaction.atomic
def note_states(*, organisation_id: int, states: Mapping[str, str]) -> None:
    """Keep what the provider said of texts (`name:language` to its state)."""
    rows = ChannelSetting.objects.of(organisation_id).select_for_update()
    setting = rows.filter(channel="whatsapp").first()
    if setting is not None and states:
        setting.config = {**setting.config, "templates": {**setting.config.get("templates", {}), **states}}
        setting.save(update_fields=["config"])


def find_by_reference(organisation_id: int, reference: str, matched_by: str) -> Found | None:
    """Return where a reply to one of our messages belongs, None when it is none of ours."""
    rows = Message.objects.of(organisation_id).filter(reference=reference).select_related("order")
    found: Message | None = rows.first()
    return Found(found.order.case_id, found.order_id, matched_by) if found else None


def reference_of(organisation_id: int, order_id: int | None) -> str:
    """Return our own name of an order's message, empty without one."""
    row = (
        Message.objects.of(organisation_id)
        .filter(order_id=order_id)
        .values_list("reference", flat=True)
        .first()
    )
    return str(row or "")


def find_by_code(organisation_id: int, codes: list[str]) -> Found | None:
    """Return where a mail belongs that quotes the control code of one of our messages."""
    for code in codes:
        rows = Message.objects.of(organisation_id).filter(reference__startswith=code).select_related("order")
        found: Message | None = rows.first()
        if found is not None:
            return Found(found.order.case_id, found.order_id, "message")
    return None


def find_by_provider_name(organisation_id: int, provider: str, name: str) -> Found | None:
    """Return where an answer to a message belongs that its provider calls by its own name."""
    order = _order_of(organisation_id, provider, Event("", "sent", provider_reference=name))
    return Found(order.case_id, order.pk, "message") if order else None


def find_by_sender(organisation_id: int, channel: str, sender: str, user_id: str = "") -> Found:
    """Return the case of whom we know by that address, when it leads to one only; else nothing: nobody guesses.

    `user_id` is WhatsApp's own name of the person, which goes first: it stays when the telephone is hidden, or changes hands.
    """
    known = parties.called(organisation_id, WHATSAPP, user_id) if user_id else None
    value = sender.lower() if channel == "email" else f"+{sender.lstrip('+')}"
    party_ids = [known] if known else parties.with_point(organisation_id, _KINDS_OF_POINT[channel], value)
    latest = Order.objects.of(organisation_id).filter(party_id__in=party_ids, channel=channel, state="sent")
    case_ids = set(latest.values_list("case_id", flat=True)) or _open_cases(organisation_id, party_ids)
    return Found(case_ids.pop(), None, "address") if len(case_ids) == 1 else Found()


def _open_cases(organisation_id: int, party_ids: list[int]) -> set[int]:
    rows = cases.scope(system(organisation_id)).filter(party_id__in=party_ids, is_open=True)
    return set(rows.values_list("pk", flat=True))
