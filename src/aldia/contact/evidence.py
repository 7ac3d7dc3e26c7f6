"""Everything that the room keeps about contacting a person: each notice made or withheld with its proofs, touches, replies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact.calls.models import PhoneCall, Recording
from aldia.contact.house.reading import made_rules
from aldia.contact.inbound.models import InboundFile, Reply
from aldia.contact.models import (
    Attempt,
    DebtorLink,
    DeliveryEvent,
    GateProof,
    Message,
    Order,
    OrderState,
    Touch,
)
from aldia.contact.rulepacks import shipped_rules

_ORDER: Final = (
    "id", "case_id", "creditor_id", "identity", "channel", "template_key", "document_ids", "origin", "purpose", "as_of",
    "not_before_at", "expires_at", "state", "reason", "reason_args", "provider", "provider_reference", "created_at",
    "sending_at", "finished_at",
)  # fmt: skip
_MESSAGE: Final = (
    "order_id", "channel", "recipient", "sender", "subject", "text", "attachments", "reference", "is_sandbox", "sent_at",
)  # fmt: skip
_PROOF: Final = (
    "order_id", "case_id", "channel", "at", "local_time", "is_allowed", "rules_version", "reasons", "inputs",
)  # fmt: skip
_CALL: Final = (
    "id", "order_id", "case_id", "user_id", "number", "extension", "is_sandbox", "state", "result", "cause", "on", "asked_at",
    "answered_at", "noticed_at", "ended_at", "seconds", "outcome_id", "menu",
)  # fmt: skip
_RECORDING: Final = ("call_id", "sha256", "size", "kept_at", "expires_on", "deleted_at")
_FILE: Final = ("reply_id", "name", "kind", "told_kind", "state", "reason", "file_id", "settled_at")
_TOUCH: Final = (
    "case_id", "creditor_id", "channel", "is_inbound", "is_contact", "is_right_party", "at", "local_on", "origin", "actor",
    "is_rehearsal",
)  # fmt: skip
_REPLY: Final = (
    "case_id", "order_id", "channel", "sender", "subject", "text", "matched_by", "received_at", "answered_by", "answered_at",
)  # fmt: skip
Record = dict[str, Any]


def notices(organisation_id: int, party_ids: Sequence[int]) -> list[Record]:
    """Return every order of the person, oldest first, each with its message, attempts, delivery events and law proofs."""
    orders = list(
        Order.objects.of(organisation_id).filter(party_id__in=party_ids).order_by("id").values(*_ORDER)
    )
    ids = [row["id"] for row in orders]
    messages = {row.pop("order_id"): row for row in _of_orders(Message, organisation_id, ids, _MESSAGE)}
    attempts = _by(
        "order_id", _of_orders(Attempt, organisation_id, ids, ("order_id", "at", "state", "detail"))
    )
    events = _by(
        "order_id",
        _of_orders(DeliveryEvent, organisation_id, ids, ("order_id", "kind", "at", "event_id", "detail")),
    )
    proofs = _by("order_id", _of_orders(GateProof, organisation_id, ids, _PROOF))
    return [
        {
            **order, "message": messages.get(order["id"]), "attempts": attempts[order["id"]],
            "events": events[order["id"]], "proofs": proofs[order["id"]],
        }
        for order in orders
    ]  # fmt: skip


def touches(organisation_id: int, party_ids: Sequence[int]) -> list[Record]:
    """Return every attempt to reach the person, by machine or by hand, and every time the person came, oldest first."""
    rows = Touch.objects.of(organisation_id).filter(party_id__in=party_ids)
    return list(rows.order_by("at", "id").values(*_TOUCH))


def replies(organisation_id: int, case_ids: Sequence[int]) -> list[Record]:
    """Return what the person wrote, oldest first, each with the files that came with it."""
    rows = Reply.objects.of(organisation_id).filter(case_id__in=case_ids)
    found = list(rows.order_by("received_at", "id").values("id", *_REPLY))
    files = _by(
        "reply_id",
        InboundFile.objects.of(organisation_id)
        .filter(reply_id__in=[row["id"] for row in found])
        .order_by("pk")
        .values(*_FILE),
    )
    return [{**row, "files": files[row["id"]]} for row in found]


def calls(actor: Actor, party_ids: Sequence[int]) -> list[Record]:
    """Return every telephone call to the person, oldest first: its recording by its hash, and who heard it and when.

    What the law said before it rang is among the notices, under the call's `order_id`.
    """
    rows = PhoneCall.objects.of(actor.organisation_id).filter(order__party_id__in=party_ids)
    found = list(rows.order_by("pk").values(*_CALL))
    ids = [row["id"] for row in found]
    recordings = _by(
        "call_id", Recording.objects.of(actor.organisation_id).filter(call_id__in=ids).values(*_RECORDING)
    )
    heard = access.events_of(actor, verb="contact.recording.play", object_type="call", object_ids=ids)
    listened = _by(
        "call_id", ({"call_id": int(row.object_id), "at": row.at, "actor": row.actor} for row in heard)
    )
    return [
        {**row, "recording": next(iter(recordings[row["id"]]), None), "heard": listened[row["id"]]}
        for row in found
    ]


def links(organisation_id: int, party_ids: Sequence[int]) -> list[Record]:
    """Return every private page that the person was given: when it was made, first opened, and closed."""
    rows = DebtorLink.objects.of(organisation_id).filter(party_id__in=party_ids)
    return list(
        rows.order_by("pk").values(
            "id", "case_id", "origin", "created_at", "opened_at", "expires_at", "revoked_at"
        )
    )


def rules_cited(organisation_id: int, found: Iterable[Record]) -> list[Record]:
    """Return the rules that the proofs of these notices name: what each says, its law and how sure we are of it."""
    cited = {reason[0] for notice in found for proof in notice["proofs"] for reason in proof["reasons"]}
    law = (rule for pack in shipped_rules().packs.values() for rule in pack.rules)
    return [
        {
            "id": rule.id, "says": rule.summary.es if rule.summary else "", "law": rule.law, "severity": rule.severity,
            "confidence": rule.confidence,
        }
        for rule in (*law, *made_rules(organisation_id))
        if rule.id in cited
    ]  # fmt: skip


def state_word(state: str) -> str:
    """Return how an order ended, in the reader's language."""
    return str(OrderState(state).label)


def _of_orders(model: Any, organisation_id: int, ids: Sequence[int], fields: Sequence[str]) -> list[Record]:
    return list(model.objects.of(organisation_id).filter(order_id__in=ids).order_by("pk").values(*fields))


def _by(name: str, rows: Iterable[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = defaultdict(list)
    for row in rows:
        found[row.pop(name)].append(row)
    return found
