"""What an SMSC hands us on a line that we opened and proved ourselves on: delivery receipts, and what people write."""

import hashlib
from typing import Final

from smpp34 import DeliverSm, SmppError, decode

from aldia.contact.inbound.receipts import read_receipt
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed
from aldia.domain.gsm import text_in_gsm

LINE: Final = "smpp:"  # no call over HTTP has such an address: nobody can forge one at a door
_KIND_OF_MESSAGE, _RECEIPTS, _WITH_HEADING = 0x3C, frozenset({0x04, 0x20}), 0x40
_RECEIPTED_MESSAGE_ID, _MESSAGE_STATE, _MESSAGE_PAYLOAD = 0x001E, 0x0427, 0x0424
_STATES: Final = {
    1: "accepted", 2: "delivered", 3: "failed", 4: "failed", 5: "failed", 6: "accepted", 7: "accepted", 8: "failed",
}  # fmt: skip
_LATIN_1: Final = frozenset({0x01, 0x03})
_UNICODE: Final = 0x08


def call_of(session: str, pdu: bytes) -> Call:
    """Return a message of the line as it is kept. Sequence numbers begin again in each session: its name tells two apart."""
    return Call(f"{LINE}{session}", pdu, method="DELIVER_SM")


def read(call: Call, ids: str) -> Parsed:
    """Return what one message of the line says. Raises CallRefused for what did not come by the line, or cannot be read."""
    if not call.url.startswith(LINE):
        raise CallRefused("an SMSC speaks on the line that we open, never here")
    try:
        pdu = decode(call.body)
    except SmppError as error:
        raise CallRefused(str(error)) from error
    if not isinstance(pdu, DeliverSm):
        raise CallRefused("this is no deliver_sm")
    if pdu.esm_class & _KIND_OF_MESSAGE in _RECEIPTS:
        return _receipt(pdu, ids)
    name = hashlib.sha256(call.url.encode() + call.body).hexdigest()
    return Parsed(messages=(Arrived(f"smpp:{name}", "sms", pdu.source_addr.lstrip("+"), _text(pdu)),))


def name_in_answer(name: str, ids: str) -> str:
    """Return the SMSC's name of a message in the spelling that its receipts lead to."""
    return _number(name, 16) if ids == "decimal" else _number(name, 10) if ids == "hexadecimal" else name


def _receipt(pdu: DeliverSm, ids: str) -> Parsed:
    """The optional fields say it exactly, where the SMSC sends them; otherwise the text does."""
    tlvs = {each.tag: each for each in pdu.tlvs}
    told = read_receipt(_text(pdu))
    exact = tlvs.get(_RECEIPTED_MESSAGE_ID)
    written = told.id if told and told.id else ""
    # The field repeats the answer's own spelling; the text is written by an older hand, often in the other base.
    name = name_in_answer(exact.as_string() or "", ids) if exact else _name_in_text(written, ids)
    state = tlvs.get(_MESSAGE_STATE)
    kind = _STATES.get(state.as_int() or 0) if state else None
    kind = kind or (told.kind if told else "accepted")
    if not name:
        raise CallRefused("a receipt of no message")
    detail = " ".join(filter(None, (told.stat, f"err:{told.err}" if told.err else ""))) if told else ""
    return Parsed(events=(Event(f"smpp:{name}:{kind}:{detail}", kind, "", name, detail),))


def _name_in_text(name: str, ids: str) -> str:
    return _number(name, 10) if ids == "decimal" else _number(name, 16) if ids == "hexadecimal" else name


def _number(name: str, base: int) -> str:
    try:
        return str(int(name, base))
    except ValueError:
        return name


def _text(pdu: DeliverSm) -> str:
    payload = next((each.value for each in pdu.tlvs if each.tag == _MESSAGE_PAYLOAD), b"")
    content = bytes(pdu.short_message or payload)
    if pdu.esm_class & _WITH_HEADING and content:
        content = content[content[0] + 1 :]
    if pdu.data_coding == _UNICODE:
        return content.decode("utf-16-be", "replace")
    if pdu.data_coding in _LATIN_1:
        return content.decode("latin-1")
    return text_in_gsm(content)
