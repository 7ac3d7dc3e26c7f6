"""What payment gateways call about: true by its signature, kept as it came, answered, and only then read."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from aldia.db.vault import unseal
from aldia.payments import methods
from aldia.payments.gateways.protocol import GatewayDown, Knock, NoticeRefused
from aldia.payments.models import PayIntent, PayMethod, PayNotice
from aldia.payments.services.online import ask_about, settle

log = logging.getLogger(__name__)
LARGEST: Final = 64 * 1024
_KEPT: Final = frozenset({"x-signature", "x-request-id", "content-type"})


class UnknownMethod(LookupError):
    """Raised when nobody may call at that address."""


def keep_notice(
    *, token: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: datetime
) -> PayNotice:
    """Return the notice as it is kept, once however often it comes. Raises UnknownMethod, NoticeRefused: nothing is kept."""
    method = _method(token)
    if len(body) > LARGEST:
        raise NoticeRefused("the body is too large")
    methods.gateway_of(method).read_notice(body, headers, query)
    told = json.dumps([dict(query), headers.get("x-signature", ""), headers.get("x-request-id", "")]).encode()
    kept: PayNotice
    kept, _made = PayNotice.objects.get_or_create(
        organisation_id=method.organisation_id, method=method, fingerprint=hashlib.sha256(told + b"\n" + body).hexdigest(),
        defaults={
            "query": dict(query), "headers": {name: text for name, text in headers.items() if name in _KEPT}, "body": body,
            "received_at": now,
        },
    )  # fmt: skip
    return kept


def read_notices(*, limit: int, real_now: datetime, organisation_id: int | None = None) -> Counter[str]:
    """Read what was kept; return how many are `done`, and how many stay `kept` because the gateway did not answer."""
    rows = PayNotice.objects.across_organisations().filter(state="kept")
    rows = rows.filter(organisation_id=organisation_id) if organisation_id else rows
    counts: Counter[str] = Counter()
    for notice in list(rows.select_related("method").order_by("pk")[:limit]):
        try:
            counts[read_notice(notice=notice, real_now=real_now)] += 1
        except Exception:
            log.exception("the notice %s of a payment could not be read", notice.pk)
            counts["failed"] += 1
    return counts


def read_notice(*, notice: PayNotice, real_now: datetime) -> str:
    """Read one notice: find its intent and settle it. Return its state."""
    gateway = methods.gateway_of(notice.method)
    try:
        knock = gateway.read_notice(bytes(notice.body), notice.headers, notice.query)
        intent = _intent_of(notice.method, knock)
        if intent and not knock.told:
            told = gateway.look_up(intent.key, intent.provider_id)
            settle(intent=intent, told=told, real_now=real_now)
        elif intent:
            settle(intent=intent, told=knock.told, real_now=real_now)
    except GatewayDown as error:
        PayNotice.objects.of(notice.organisation_id).filter(pk=notice.pk).update(detail=str(error)[:300])
        return "kept"
    detail = f"intent {intent.pk}" if intent else "no payment of ours"
    with transaction.atomic():
        PayNotice.objects.of(notice.organisation_id).filter(pk=notice.pk).update(state="done", detail=detail)
    return "done"


def page_after(*, token: str, key: str, query: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return the page of the link for a payer who comes back from a gateway; what the return says is kept and read as a notice.

    Raises UnknownMethod.
    """
    method = _method(token)
    intent = PayIntent.objects.of(method.organisation_id).filter(method=method, key=key).first()
    if intent is None:
        raise UnknownMethod(key)
    if method.provider == "webpay":
        try:
            notice = keep_notice(token=token, body=body, headers={}, query=query, now=now)
            read_notice(notice=notice, real_now=now)
        except NoticeRefused:  # somebody opened the address by hand: there is nothing to read
            log.info("a return without token for intent %s", intent.pk)
    else:
        ask_about(intent=intent, real_now=now)
    return unseal(intent.back)


def _intent_of(method: PayMethod, knock: Knock) -> PayIntent | None:
    rows = (
        PayIntent.objects.of(method.organisation_id)
        .filter(method=method)
        .select_related("method", "organisation")
    )
    if knock.key:
        return rows.filter(key=knock.key).first()
    if not knock.id:
        return None
    if found := rows.filter(provider_id=knock.id).first():
        return found
    key = methods.gateway_of(method).find_key(knock.id)
    return rows.filter(key=key).first() if key else None


def _method(token: str) -> PayMethod:
    rows = PayMethod.objects.across_organisations().select_related("organisation")
    method: PayMethod | None = rows.filter(token=token).exclude(provider=methods.TRANSFER).first()
    if method is None:
        raise UnknownMethod(token)
    return method
