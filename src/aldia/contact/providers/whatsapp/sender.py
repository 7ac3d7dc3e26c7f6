"""Hands messages to WhatsApp's Cloud API: an approved template, or free text within 24 hours of what the person wrote."""

import base64
import hashlib
from typing import Any, Final
from urllib.parse import quote, urlsplit

from aldia.contact.over_http import called, client, downloaded
from aldia.contact.providers.protocol import (
    Accepted,
    Attachment,
    Call,
    Capabilities,
    MediaRefused,
    Outgoing,
    Parsed,
    ProviderConfig,
    ProviderError,
)
from aldia.contact.providers.whatsapp import events
from aldia.domain.incoming_files import LARGEST

BASE: Final = "https://graph.facebook.com/v23.0"
_HOSTS: Final = ("fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net")  # who may be shown our token
LONGEST_CAPTION: Final = 1024
_GONE: Final = ("HTTP 400", "HTTP 404", "HTTP 410")


class WhatsApp:
    key = "whatsapp"
    capabilities = Capabilities(
        frozenset({"whatsapp"}),
        leaves_machine=True,
        needs_template=True,
        has_media=True,
        has_attachments=True,
    )

    def __init__(self, config: ProviderConfig) -> None:
        self._base = str(config.get("base_url") or BASE).rstrip("/")
        self._number, self._token = str(config.get("phone_number_id", "")), str(config.get("password", ""))
        self._account, self._secret = str(config.get("waba_id", "")), str(config.get("app_secret", ""))
        self._http = client(headers={"Authorization": f"Bearer {self._token}"})
        self._uploads: dict[str, str] = {}  # SHA-256 to Meta's name: what goes to many is handed over once

    def send(self, message: Outgoing) -> Accepted:
        if not (self._number and self._token):
            raise ProviderError("no number or token is set", is_certain=True, is_permanent=True)
        body = {
            "messaging_product": "whatsapp", **_addressee(message.recipient), **self._content(message),
            "biz_opaque_callback_data": message.reference,
        }  # fmt: skip
        answer = called(self._http, "POST", f"{self._base}/{self._number}/messages", json=body)
        return Accepted(provider_reference=_name(answer), answer=answer.text[:200])

    def _content(self, message: Outgoing) -> dict[str, Any]:
        """An approved text; an answer; or an answer that is said under the first file that goes with it."""
        if message.template is not None or not message.attachments or len(message.text) > LONGEST_CAPTION:
            return _words_of(message)
        file = message.attachments[0]
        document = {"id": self._uploaded(file), "filename": file.name, "caption": message.text}
        return {"type": "document", "document": document}

    def _uploaded(self, file: Attachment) -> str:
        """Return Meta's name of a file. Until the message itself is sent nothing has left: an error here is certain."""
        digest = hashlib.sha256(file.content).hexdigest()
        if digest not in self._uploads:
            told = {"messaging_product": "whatsapp", "type": file.content_type}
            parts = {"file": (file.name, file.content, file.content_type)}
            try:
                answer = called(
                    self._http, "POST", f"{self._base}/{self._number}/media", data=told, files=parts
                )
                self._uploads[digest] = str(answer.json()["id"])
            except ProviderError as error:
                raise ProviderError(str(error), is_certain=True, is_permanent=error.is_permanent) from error
            except (ValueError, KeyError, TypeError) as error:
                raise ProviderError(
                    "the file was given no name", is_certain=True, is_permanent=False
                ) from error
        return self._uploads[digest]

    def propose(self, *, name: str, language: str, text: str, examples: list[str]) -> str:
        """Hand a template over for approval and return its state (`PENDING`, `APPROVED` …). Raises ProviderError."""
        body: dict[str, Any] = {"type": "BODY", "text": text}
        if examples:
            body["example"] = {"body_text": [examples]}
        told = {"name": name, "language": language, "category": "UTILITY", "components": [body]}
        answer = called(self._http, "POST", f"{self._base}/{self._account}/message_templates", json=told)
        return str(answer.json().get("status", "PENDING"))

    def fetch(self, media: str) -> bytes:
        """Return a file that a person sent. Meta names its address for some minutes; what comes must be what Meta says of it."""
        told = self._told_of(media)
        size, url = str(told.get("file_size", "")), str(told.get("url", ""))
        if size.isdecimal() and int(size) > LARGEST:
            raise MediaRefused("too_large")
        if not self._is_trusted(url):
            raise MediaRefused("elsewhere")
        content = downloaded(self._http, url, most=LARGEST)
        if content is None:
            raise MediaRefused("too_large")
        if not _is_of(content, str(told.get("sha256") or "")):
            raise MediaRefused("changed")
        return content

    def _told_of(self, media: str) -> dict[str, Any]:
        try:
            told = called(self._http, "GET", f"{self._base}/{quote(media, safe='')}").json()
        except ProviderError as error:
            if error.is_permanent and str(error).startswith(_GONE):
                raise MediaRefused("gone") from error
            raise
        except ValueError as error:
            raise ProviderError("no JSON about the file", is_certain=True, is_permanent=False) from error
        return told if isinstance(told, dict) else {}

    def _is_trusted(self, url: str) -> bool:
        """Only Meta's own hosts, or the one that is set, get to see the token."""
        there, here = urlsplit(url), urlsplit(self._base)
        if (there.scheme, there.netloc) == (here.scheme, here.netloc):
            return True
        host = there.hostname or ""
        return there.scheme == "https" and any(host == each or host.endswith(f".{each}") for each in _HOSTS)

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


def _words_of(message: Outgoing) -> dict[str, Any]:
    if message.template is None:
        return {"type": "text", "text": {"body": message.text, "preview_url": False}}
    values = [{"type": "text", "text": value} for value in message.template.values]
    components = [{"type": "body", "parameters": values}] if values else []
    language = {"code": message.template.language}
    return {
        "type": "template",
        "template": {"name": message.template.name, "language": language, "components": components},
    }


def _is_of(content: bytes, told: str) -> bool:
    """Whether the bytes have the SHA-256 that was told, in hexadecimal or in base 64: Meta writes both."""
    digest = hashlib.sha256(content)
    return told.lower() == digest.hexdigest() or told == base64.b64encode(digest.digest()).decode()


def _name(answer: Any) -> str:
    try:
        return str(answer.json()["messages"][0]["id"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""  # it was taken; its reports carry our own reference
