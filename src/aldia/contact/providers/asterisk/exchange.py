"""The verbs of Asterisk's REST interface that a call needs. Every name in the exchange is ours, so nothing is asked for twice."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import httpx

from aldia.contact.over_http import called, client
from aldia.contact.providers.protocol import ProviderConfig, ProviderError
from aldia.domain.calls import Leg

APP: Final = "aldia"
RINGS_FOR: Final = 30  # seconds that an end rings
MOST_RECORDED: Final = 3600  # seconds
AGENT_PATTERN: Final = "PJSIP/{extension}"


class Exchange:
    """One Asterisk. Raises ProviderError where it refuses (certain) or does not answer (not certain)."""

    def __init__(self, config: ProviderConfig, *, http: httpx.Client | None = None) -> None:
        self._base = f"{str(config.get('base_url', '')).rstrip('/')}/ari"
        self._agents = str(config.get("agent_pattern") or AGENT_PATTERN)
        self._clients = str(config.get("client_pattern") or "")
        if not config.get("base_url") or not is_pattern_of_clients(self._clients):
            raise ProviderError("no exchange or trunk is set", is_certain=True, is_permanent=True)
        self._http = http or client(auth=(str(config.get("user", "")), str(config.get("password", ""))))

    def ring_agent(self, reference: str, *, extension: str, shows: str) -> None:
        """Let the extension of whoever asked ring; `shows` is the number that its display shows."""
        self._ring(reference, Leg.AGENT, self._agents.replace("{extension}", extension), shows)

    def ring_client(self, reference: str, *, number: str, shows: str) -> None:
        """Let the client's telephone ring; `shows` is the number that calls."""
        endpoint = self._clients.replace("{number}", number).replace("{digits}", number.lstrip("+"))
        self._ring(reference, Leg.CLIENT, endpoint, shows)

    def _ring(self, reference: str, leg: Leg, endpoint: str, shows: str) -> None:
        told = {
            "endpoint": endpoint, "app": APP, "appArgs": f"{leg},{reference}", "callerId": shows, "timeout": RINGS_FOR,
        }  # fmt: skip
        self._ask("POST", f"channels/{channel_of(reference, leg)}", told)

    def join(self, reference: str) -> None:
        """Let both ends hear each other."""
        self._ask("POST", f"bridges/{name_of(reference)}", {"type": "mixing", "name": name_of(reference)})
        ends = f"{channel_of(reference, Leg.AGENT)},{channel_of(reference, Leg.CLIENT)}"
        self._ask("POST", f"bridges/{name_of(reference)}/addChannel", {"channel": ends})

    def play_to_both(self, reference: str, media: str) -> None:
        """Play a sound of the exchange to both ends; the playback is called as the call is."""
        self._ask("POST", f"bridges/{name_of(reference)}/play/{name_of(reference)}", {"media": media})

    def play(self, reference: str, media: str, *, number: int) -> None:
        """Play sounds (separated by commas, one after the other) to the client."""
        name = f"{name_of(reference)}-{number}"
        self._ask("POST", f"channels/{channel_of(reference, Leg.CLIENT)}/play/{name}", {"media": media})

    def hush(self, reference: str, *, number: int) -> None:
        """Stop what is being played to the client."""
        self._gone_or("DELETE", f"playbacks/{name_of(reference)}-{number}")

    def record(self, reference: str) -> None:
        """Record both ends until the call ends."""
        told = {
            "name": name_of(reference), "format": "wav", "maxDurationSeconds": MOST_RECORDED, "ifExists": "fail",
        }  # fmt: skip
        self._ask("POST", f"bridges/{name_of(reference)}/record", told)

    def close_call(self, reference: str) -> None:
        """Hang up whatever is left of a call. What is gone already needs nothing."""
        for path in (
            f"bridges/{name_of(reference)}",
            *(f"channels/{channel_of(reference, leg)}" for leg in Leg),
        ):
            self._gone_or("DELETE", path)

    def has(self, reference: str) -> bool:
        """Return whether the exchange still knows an end of the call."""
        return any(self._gone_or("GET", f"channels/{channel_of(reference, leg)}") for leg in Leg)

    def recording(self, reference: str) -> bytes | None:
        """Return what was recorded of a call, as WAV; None where there is nothing."""
        answer = self._gone_or("GET", f"recordings/stored/{name_of(reference)}/file")
        return answer.content if answer is not None else None

    def forget_recording(self, reference: str) -> None:
        """Take what was recorded off the exchange's own disk."""
        self._gone_or("DELETE", f"recordings/stored/{name_of(reference)}")

    def version(self) -> str:
        """Return what the exchange says that it is: `22.1.0`."""
        told = self._ask("GET", "asterisk/info", {"only": "system"}).json()
        return str(told.get("system", {}).get("version", ""))

    def is_listened_to(self) -> bool:
        """Return whether somebody of ours hears what the exchange tells (`./aldia calls`): without it no call can be followed."""
        return self._gone_or("GET", f"applications/{APP}") is not None

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _ask(self, method: str, path: str, told: dict[str, Any] | None = None) -> httpx.Response:
        return called(self._http, method, f"{self._base}/{quote(path)}", params=told)

    def _gone_or(self, method: str, path: str) -> httpx.Response | None:
        """The answer, or None where the exchange has no such thing (any more)."""
        try:
            return self._ask(method, path)
        except ProviderError as error:
            if error.is_certain and "HTTP 404" in str(error):
                return None
            raise


def is_pattern_of_clients(pattern: str) -> bool:
    """Return whether a number has its place in the pattern: `PJSIP/{number}@trunk`, or `{digits}` for one without plus."""
    return "{number}" in pattern or "{digits}" in pattern


def name_of(reference: str) -> str:
    """Return how a call's bridge, notice and recording are called in the exchange."""
    return f"aldia-{reference}"


def channel_of(reference: str, leg: Leg) -> str:
    """Return how one end of a call is called in the exchange."""
    return f"{name_of(reference)}-{leg}"
