"""Hands SMS to a Kannel gateway."""

from typing import Final

from aldia.contact.over_http import called, client
from aldia.contact.providers.kannel import events
from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
    ProviderError,
)
from aldia.domain.sms import segments

EVERY_REPORT: Final = "31"


class Kannel:
    key = "kannel"
    capabilities = Capabilities(frozenset({"sms"}), leaves_machine=True)

    def __init__(self, config: ProviderConfig) -> None:
        self._base = str(config.get("base_url", "")).rstrip("/")
        self._user, self._password = str(config.get("user", "")), str(config.get("password", ""))
        self._callback, self._word = str(config.get("callback_url", "")), str(config.get("word", ""))
        self._http = client()

    def send(self, message: Outgoing) -> Accepted:
        if not self._base:
            raise ProviderError("no gateway is set", is_certain=True, is_permanent=True)
        is_plain = segments(message.text).encoding == "GSM-7"
        fields = {
            "username": self._user, "password": self._password, "to": message.recipient, "from": message.sender,
            "text": message.text, "charset": "UTF-8", "coding": "0" if is_plain else "2", "dlr-mask": EVERY_REPORT,
        }  # fmt: skip
        if self._callback:
            word = f"&clave={self._word}" if self._word else ""
            fields["dlr-url"] = f"{self._callback}?uuid={message.reference}&status=%d&id=%F{word}"
        answer = called(self._http, "GET", f"{self._base}/cgi-bin/sendsms", params=fields)
        return Accepted(provider_reference=message.reference, answer=answer.text[:200])

    def look_up(self, reference: str) -> bool | None:
        return None  # Kannel cannot be asked

    def parse_events(self, call: Call) -> Parsed:
        return events.read(call, self._word)

    def close(self) -> None:
        self._http.close()


def make(config: ProviderConfig) -> Kannel:
    """Return a sender through Kannel; `base_url` is its sendsms port, `word` what its calls must know."""
    return Kannel(config)
