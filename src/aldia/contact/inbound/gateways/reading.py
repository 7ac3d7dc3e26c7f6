"""What all gateways share: forms and JSON of a call, telephones, instants, and one way to refuse."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from aldia.contact.providers.protocol import Call, CallRefused, Event

_PHONE: Final = re.compile(r"\+?(\d{5,15})")
_BLANK_PLUS: Final = re.compile(r"(?<=:\d\d) (\d\d:?\d\d)$")
_USER_ID: Final = re.compile(r"[A-Z]{2}(?:\.ENT)?\.[A-Za-z0-9]{1,128}")


def query(call: Call) -> dict[str, str]:
    """Return the fields of the query string."""
    return dict(parse_qsl(urlsplit(call.url).query, keep_blank_values=True))


def form(call: Call) -> dict[str, str]:
    """Return the fields of a form body. Raises CallRefused when it is none."""
    try:
        return dict(parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError as error:
        raise CallRefused("the body is no form") from error


def parsed_json(body: bytes) -> Any:
    """Return the JSON of a body. Raises CallRefused when it is none, or so deep that nobody sent it in good faith."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallRefused("the body is no JSON") from error


def needed(fields: Any, *names: str) -> list[Any]:
    """Return these fields. Raises CallRefused when one is missing or empty."""
    if not isinstance(fields, Mapping):
        raise CallRefused("the body has no fields")
    missing = [name for name in names if fields.get(name) in (None, "")]
    if missing:
        raise CallRefused(f"missing: {', '.join(missing)}")
    return [fields[name] for name in names]


def person(sender: Any) -> str:
    """Return the digits of a telephone, or a WhatsApp user id. Raises CallRefused for a name such as `MTN`."""
    text = str(sender).strip()
    found = _PHONE.fullmatch(text)
    if found:
        return found.group(1)
    if _USER_ID.fullmatch(text):
        return text
    raise CallRefused(f"{text!r} is no telephone")


def instant(written: Any) -> datetime:
    """Return an instant written with its zone. Raises CallRefused."""
    try:
        # A plus that somebody forgot to escape arrives as a blank.
        moment = datetime.fromisoformat(_BLANK_PLUS.sub(r"+\1", str(written).strip()))
    except ValueError as error:
        raise CallRefused(f"{written!r} is no instant") from error
    if moment.tzinfo is None:
        raise CallRefused(f"{written!r} names no zone")
    return moment.astimezone(UTC)


def from_seconds(written: Any) -> datetime | None:
    """Return an instant of seconds since 1970, None for what is none."""
    try:
        return datetime.fromtimestamp(int(written), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def status(
    gateway: str, states: Mapping[str, str], told: Any, *, provider_reference: str = "", reference: str = ""
) -> Event:
    """Return the event of a state. Raises CallRefused for a state that the gateway does not document."""
    kind = states.get(str(told))
    if kind is None:
        raise CallRefused(f"{told!r} is no state of {gateway}")
    name = provider_reference or reference
    return Event(f"{gateway}:{name}:{kind}", kind, reference, provider_reference, detail=str(told))
