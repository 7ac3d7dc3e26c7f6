"""What comes in is kept exactly as it came, answered, and only then read: calls of providers and mails."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import Counter
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact import mail_server
from aldia.contact.inbound import bounces, mails, reasons, replies, threading
from aldia.contact.inbound.models import Arrival, CallbackDoor
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, is_same
from aldia.contact.services import incoming, taking
from aldia.db.vault import seal, unseal

log = logging.getLogger(__name__)
MAIL: Final = "mail"
LARGEST: Final = 5 * 1024 * 1024
TOKEN_BYTES: Final = 24


class UnknownDoor(LookupError):
    """Raised when nobody may call at that address."""


@transaction.atomic
def open_door(*, actor: Actor, channel: str, provider_key: str, now: datetime) -> str:
    """Return the address where the provider of a channel calls back; another provider gets another address. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    rows = CallbackDoor.objects.of(actor.organisation_id).select_for_update()
    door = rows.filter(channel=channel).first()
    if door is not None and door.provider == provider_key:
        return address_of(door)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    door, _made = CallbackDoor.objects.update_or_create(
        organisation_id=actor.organisation_id, channel=channel,
        defaults={"provider": provider_key, "token_hash": _hash(token), "token": seal(token), "created_at": now},
    )  # fmt: skip
    audit.record(actor=actor, verb="contact.door.open", object_type="channel", object_id=channel, now=now,
                 data={"provider": provider_key})  # fmt: skip
    return address_of(door)


def address_of(door: CallbackDoor) -> str:
    """Return the whole address of a door, as the provider is told. Raises VaultClosed."""
    return f"{settings.PUBLIC_URL}/ganchos/{door.provider}/{unseal(door.token)}"


def answer_to_challenge(*, provider_key: str, token: str, fields: dict[str, str]) -> str | None:
    """Return what a provider wants to hear before it begins to call (Meta's `hub.challenge`), None when the word is wrong."""
    door = _door(provider_key, token)
    config = _config(door)
    word = str(config.get("verify_token", ""))
    is_right = bool(word) and is_same(fields.get("hub.verify_token", ""), word)
    return fields.get("hub.challenge") if is_right and fields.get("hub.mode") == "subscribe" else None


def keep_call(*, provider_key: str, token: str, call: Call, now: datetime) -> Arrival:
    """Return the call as it is kept, once however often it comes. Raises UnknownDoor, CallRefused: then nothing is kept."""
    door = _door(provider_key, token)
    if len(call.body) > LARGEST:
        raise CallRefused("the body is too large")
    provider(door.provider, _config(door)).parse_events(call)
    return _keep(door.organisation_id, door.channel, door.provider, call, now)


def keep_heard(
    *, organisation_id: int, channel: str, provider_key: str, call: Call, now: datetime
) -> Arrival:
    """Return what came by a line that we opened ourselves, as it is kept."""
    return _keep(organisation_id, channel, provider_key, call, now)


def keep_mail(*, organisation_id: int, raw: bytes, now: datetime) -> Arrival:
    """Return a mail as it is kept, once however often it is fetched."""
    return _keep(organisation_id, "email", MAIL, Call(url="", body=raw, method=""), now)


def _keep(organisation_id: int, channel: str, provider_key: str, call: Call, now: datetime) -> Arrival:
    told = "\n".join((provider_key, call.method, call.url)).encode() + b"\n" + call.body
    kept: Arrival
    kept, _made = Arrival.objects.get_or_create(
        organisation_id=organisation_id, fingerprint=hashlib.sha256(told).hexdigest(),
        defaults={
            "channel": channel, "provider": provider_key, "url": call.url, "headers": dict(call.headers),
            "body": call.body, "received_at": now,
        },
    )  # fmt: skip
    return kept


def process_arrivals(*, limit: int, now: datetime, organisation_id: int | None = None) -> Counter[str]:
    """Read what was kept and not read yet; return how many were `done` and how many `refused`, with their reason in the row.

    One that fails in a way that nobody foresaw is `failed`: it stays, is logged, and holds up nothing that came after it.
    """
    rows = Arrival.objects.across_organisations().filter(state="kept")
    rows = rows.filter(organisation_id=organisation_id) if organisation_id else rows
    counts: Counter[str] = Counter()
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)[:limit]):
        try:
            counts[_process(pk, now)] += 1
        except Exception:
            log.exception("what came in as arrival %s could not be read", pk)
            counts["failed"] += 1
    return counts


@transaction.atomic
def _process(arrival_id: int, now: datetime) -> str:
    rows = Arrival.objects.across_organisations().select_for_update()
    arrival: Arrival | None = rows.filter(pk=arrival_id, state="kept").first()
    if arrival is None:
        return "taken"  # another worker has it
    business_now = access.clock_of(arrival.organisation, now).now
    try:
        detail = (
            _take_mail(arrival, business_now)
            if arrival.provider == MAIL
            else _take_call(arrival, business_now)
        )
        arrival.state, arrival.detail = "done", detail[:300]
    except CallRefused as refusal:
        arrival.state, arrival.detail = "refused", str(refusal)[:300]
    arrival.save(update_fields=["state", "detail"])
    return arrival.state


def _take_call(arrival: Arrival, now: datetime) -> str:
    carrier = provider(arrival.provider, _config_of(arrival.organisation_id, arrival.channel))
    call = Call(arrival.url, bytes(arrival.body), arrival.headers)
    parsed = carrier.parse_events(call)
    ours = [
        taking.take_event(
            organisation_id=arrival.organisation_id, provider=arrival.provider, event=each, now=now
        )
        for each in parsed.events
    ]
    for message in parsed.messages:
        reply = taking.take_message(
            organisation_id=arrival.organisation_id, arrival_id=arrival.pk, message=message,
            found=_found(arrival, message), now=now,
        )  # fmt: skip
        if carrier.capabilities.has_media:
            incoming.expect(reply, message, provider_key=arrival.provider)
    taking.note_states(organisation_id=arrival.organisation_id, states=dict(parsed.texts))
    return f"{sum(ours)}/{len(ours)} events, {len(parsed.messages)} messages"


def _found(arrival: Arrival, message: Arrived) -> taking.Found:
    named = (
        taking.find_by_provider_name(arrival.organisation_id, arrival.provider, message.reply_to)
        if message.reply_to
        else None
    )
    return named or taking.find_by_sender(
        arrival.organisation_id, message.channel, message.sender, message.user_id
    )


def _take_mail(arrival: Arrival, now: datetime) -> str:
    message = mails.opened(bytes(arrival.body))
    reading = bounces.read(message)
    found = _case_of_mail(arrival.organisation_id, message)
    name = mails.header(message, "Message-ID") or arrival.fingerprint
    if reading.kind in {"bounce", "complaint"}:
        return _take_report(arrival, reading, found, name, now)
    if reading.kind == "auto_reply":
        return f"auto_reply of order {found.order_id}"  # a machine answered: nobody was reached
    sender = mails.address_in(message, "From")
    arrived = Arrived(f"mail:{name}", "email", sender[0], replies.reply_of(message), name=sender[1])
    if found.case_id is None:
        found = taking.find_by_sender(arrival.organisation_id, "email", sender[0])
    reply = taking.take_message(
        organisation_id=arrival.organisation_id, arrival_id=arrival.pk, message=arrived, found=found, now=now,
        subject=mails.header(message, "Subject"),
    )  # fmt: skip
    return f"reply {reply.pk}"


def _take_report(
    arrival: Arrival, reading: bounces.Reading, found: taking.Found, name: str, now: datetime
) -> str:
    """A bounce is told of the message that it shows; one that shows none of ours is kept and changes nothing."""
    reference = taking.reference_of(arrival.organisation_id, found.order_id)
    if not reference:
        return f"{reading.kind} of no message of ours"
    events = [
        _event_of(each, f"mail:{name}:{number}", reference, now)
        for number, each in enumerate(reading.failures)
    ]
    for event in events or [Event(f"mail:{name}", "complaint", reference, at=now)]:
        taking.take_event(organisation_id=arrival.organisation_id, provider="smtp", event=event, now=now)
    return f"{reading.kind} of order {found.order_id}"


def _event_of(failure: bounces.Failure, event_id: str, reference: str, now: datetime) -> Event:
    """A notice of delay only says that the mail is on its way."""
    kind = "delivered" if failure.reason == reasons.DELIVERED else "bounced" if failure.is_final else "sent"
    detail = f"{failure.reason} {failure.status} {failure.address}"
    return Event(event_id, kind, reference, "", detail, now, "dead" if failure.is_hard else "")


def _case_of_mail(organisation_id: int, message: Any) -> taking.Found:
    for matched_by, reference in threading.tokens_of(message):
        found = taking.find_by_reference(organisation_id, reference, matched_by)
        if found is not None:
            return found
    return taking.find_by_code(organisation_id, threading.codes_of(message)) or taking.Found()


def _door(provider_key: str, token: str) -> CallbackDoor:
    rows = CallbackDoor.objects.across_organisations().select_related("organisation")
    door: CallbackDoor | None = rows.filter(token_hash=_hash(token), provider=provider_key).first()
    if door is None:
        raise UnknownDoor(_("Nadie espera llamadas en esta dirección."))
    return door


def _config(door: CallbackDoor) -> dict[str, Any]:
    return _config_of(door.organisation_id, door.channel)


def _config_of(organisation_id: int, channel: str) -> dict[str, Any]:
    setting = mail_server.setting_of(organisation_id, channel)
    return mail_server.open_config(setting) if setting else {}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
