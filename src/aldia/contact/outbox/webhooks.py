"""The worker's pass over the webhooks: at least once, with growing pauses, until the receiver says that it has them."""

from __future__ import annotations

import ipaddress
import json
import random
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.contact.models import CallState, WebhookCall, WebhookEndpoint
from aldia.contact.signing import signed_headers
from aldia.db.vault import VaultClosed, unseal
from aldia.parties import facts as parties

PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400)
)
"""After the first try, the second …; after the last, the call has failed and a person may send it again."""
_LEASE: Final = timedelta(minutes=2)
_TIMEOUT: Final = 10.0
_GONE: Final = 410


class PrivateAddress(ValueError):
    """Raised when the address leads into this installation's own network: a webhook is no way into it."""


def send_webhooks(*, clock: Callable[[], datetime], limit: int) -> int:
    """Tell what waits and return how many ended. In sandbox nothing leaves; without an address, it waits."""
    endpoints = {
        row.organisation_id: row for row in WebhookEndpoint.objects.across_organisations().filter(is_on=True)
    }
    houses = {house.pk: house for house in access.organisations()}
    due = WebhookCall.objects.across_organisations().filter(state=CallState.QUEUED, next_at__lte=clock())
    ended = 0
    for call in due.order_by("next_at", "id")[:limit]:
        house, endpoint = houses[call.organisation_id], endpoints.get(call.organisation_id)
        mine = WebhookCall.objects.of(house).filter(pk=call.pk, state=CallState.QUEUED, tries=call.tries)
        now = clock()
        if house.is_sandbox:
            ended += mine.update(state=CallState.SIMULATED, finished_at=now)
        elif (
            endpoint is not None
            and not house.is_paused
            and mine.update(tries=call.tries + 1, next_at=now + _LEASE)
        ):
            ended += _tell(call, endpoint, now)
    return ended


def check_address(url: str) -> None:
    """Raise PrivateAddress unless every address of the host is public, or this installation allows its own network."""
    parts = urlsplit(url)
    if settings.WEBHOOKS_MAY_STAY_INSIDE:
        return
    if parts.scheme != "https":
        raise PrivateAddress(_("no empieza con https://"))
    for found in socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(found[4][0]).is_global:
            raise PrivateAddress(
                _("%(host)s es %(address)s, de una red privada")
                % {"host": parts.hostname, "address": found[4][0]}
            )


def _tell(call: WebhookCall, endpoint: WebhookEndpoint, now: datetime) -> int:
    """Post one call and keep how it went; 1 when that was its end."""
    try:
        is_told, answer = _post(call, endpoint, now)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, VaultClosed) as error:
        is_told, answer = False, f"{type(error).__name__}: {error}"
    row = WebhookCall.objects.of(call.organisation_id).filter(pk=call.pk)
    if is_told:
        return int(row.update(state=CallState.DELIVERED, answer=answer[:300], finished_at=now))
    if call.tries >= len(PAUSES) or answer.startswith(str(_GONE)):
        return int(row.update(state=CallState.FAILED, answer=answer[:300], finished_at=now))
    pause = PAUSES[call.tries] * random.uniform(0.9, 1.1)
    row.update(next_at=now + pause, answer=answer[:300])
    return 0


def _post(call: WebhookCall, endpoint: WebhookEndpoint, now: datetime) -> tuple[bool, str]:
    check_address(endpoint.url)
    body = json.dumps(body_of(call), ensure_ascii=False, separators=(",", ":")).encode()
    headers = signed_headers(unseal(endpoint.secret), f"msg_{call.organisation_id}_{call.pk}", body, now=now)
    answer = httpx.post(
        endpoint.url, content=body, headers={**headers, "content-type": "application/json"}, timeout=_TIMEOUT,
        follow_redirects=False,
    )  # fmt: skip
    return answer.is_success, f"{answer.status_code} {answer.reason_phrase}"


def body_of(call: WebhookCall) -> dict[str, Any]:
    """Return what is told: the event, its instant, whom it is about by the numbers of the organisation's own systems."""
    customers = parties.references(call.organisation_id, call.party_id)
    data: dict[str, Any] = {"identity": call.identity, "case": call.case_id, "customers": customers}
    if call.about:
        data["service"] = call.about
    return {"type": call.event, "timestamp": call.created_at.isoformat(), "data": data}
