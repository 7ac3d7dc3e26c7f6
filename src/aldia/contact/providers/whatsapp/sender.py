"""Hands messages to WhatsApp's Cloud API: an approved template, or free text within 24 hours of what the person wrote."""

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
from aldia.contact.providers.whatsapp import events

BASE: Final = "https://graph.facebook.com/v23.0"


class WhatsApp:
    key = "whatsapp"
    capabilities = Capabilities(frozenset({"whatsapp"}), leaves_machine=True, needs_template=True)

    def __init__(self, config: ProviderConfig) -> None:
        self._base = str(config.get("base_url") or BASE).rstrip("/")
        self._number, self._token = str(config.get("phone_number_id", "")), str(config.get("password", ""))
        self._account, self._secret = str(config.get("waba_id", "")), str(config.get("app_secret", ""))
        self._http = client(headers={"Authorization": f"Bearer {self._token}"})

    def send(self, message: Outgoing) -> Accepted:
        if not (self._number and self._token):
            raise ProviderError("no number or token is set", is_certain=True, is_permanent=True)
        body = {
            "messaging_product": "whatsapp", **_addressee(message.recipient), **_content(message),
            "biz_opaque_callback_data": message.reference,
        }  # fmt: skip
        answer = called(self._http, "POST", f"{self._base}/{self._number}/messages", json=body)
        return Accepted(provider_reference=_name(answer), answer=answer.text[:200])

    def propose(self, *, name: str, language: str, text: str, examples: list[str]) -> str:
        """Hand a template over for approval and return its state (`PENDING`, `APPROVED` …). Raises ProviderError."""
        body: dict[str, Any] = {"type": "BODY", "text": text}
        if examples:
            body["example"] = {"body_text": [examples]}
        told = {"name": name, "language": language, "category": "UTILITY", "components": [body]}
        answer = called(self._http, "POST", f"{self._base}/{self._account}/message_templates", json=told)
        return str(answer.json().get("status", "PENDING"))

    def look_up(self, reference: str) -> bool | None:
        return None  # the Cloud API cannot be asked

    def parse_events(self, call: Call) -> Parsed:
        return events.read(call, self._secret)

    def close(self) -> None:
        self._http.close()


def make(config: ProviderConfig) -> WhatsApp:
    """Return a sender through the Cloud API; `password` is the access token."""
    return WhatsApp(config)


def _addressee(recipient: str) -> dict[str, str]:
    """A telephone, or the id that the business knows the person by, where there is no telephone."""
    digits = recipient.lstrip("+")
    return {"to": digits} if digits.isdigit() else {"recipient": recipient}


def _content(message: Outgoing) -> dict[str, Any]:
    if message.template is None:
        return {"type": "text", "text": {"body": message.text, "preview_url": False}}
    values = [{"type": "text", "text": value} for value in message.template.values]
    components = [{"type": "body", "parameters": values}] if values else []
    language = {"code": message.template.language}
    return {
        "type": "template",
        "template": {"name": message.template.name, "language": language, "components": components},
    }


def _name(answer: Any) -> str:
    try:
        return str(answer.json()["messages"][0]["id"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""  # it was taken; its reports carry our own reference
