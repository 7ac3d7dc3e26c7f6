"""Hands SMS to Twilio."""

from typing import Any, Final

from aldia.contact.over_http import called, client
from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
    ProviderError,
)
from aldia.contact.providers.twilio import events

BASE: Final = "https://api.twilio.com"


class Twilio:
    key = "twilio"
    capabilities = Capabilities(frozenset({"sms"}), leaves_machine=True)

    def __init__(self, config: ProviderConfig) -> None:
        self._base = str(config.get("base_url") or BASE).rstrip("/")
        self._account, self._token = str(config.get("user", "")), str(config.get("password", ""))
        self._callback = str(config.get("callback_url", ""))
        self._http = client()

    def send(self, message: Outgoing) -> Accepted:
        if not (self._account and self._token and message.sender):
            raise ProviderError("no account, token or sender is set", is_certain=True, is_permanent=True)
        origin = "MessagingServiceSid" if message.sender.startswith("MG") else "From"
        fields = {"To": message.recipient, origin: message.sender, "Body": message.text}
        if self._callback:
            fields["StatusCallback"] = self._callback
        url = f"{self._base}/2010-04-01/Accounts/{self._account}/Messages.json"
        answer = called(self._http, "POST", url, data=fields, auth=(self._account, self._token))
        told = _json(answer)
        return Accepted(provider_reference=str(told.get("sid", "")), answer=str(told.get("status", "")))

    def look_up(self, reference: str) -> bool | None:
        return None  # Twilio cannot be asked by a name of ours

    def parse_events(self, call: Call) -> Parsed:
        return events.read(call, self._token)

    def close(self) -> None:
        self._http.close()


def make(config: ProviderConfig) -> Twilio:
    """Return a sender through Twilio; `user` is the account, `password` its token."""
    return Twilio(config)


def _json(answer: Any) -> dict[str, Any]:
    """The answer of a message that was taken: one that cannot be read changes nothing, it left."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
