"""Hands SMS to an SMSC, part after part; a line that breaks in between leaves nobody sure."""

import secrets
from collections.abc import Callable
from typing import Final

from smpp34 import SubmitSm

from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
    ProviderError,
)
from aldia.contact.providers.smpp import events
from aldia.contact.providers.smpp.link import TRANSCEIVER, TRANSMITTER, BindRefused, Frame, Link, LinkLost
from aldia.domain.gsm import coded

PATIENCE: Final = 20.0
QUIET: Final = 1.0  # seconds without a message: the SMSC has no more for us
MOST: Final = 500
# It may pass: system error, queue full, throttled, and the errors that the SMSC itself calls temporary.
_LATER: Final = frozenset({0x08, 0x14, 0x58, 0x64})
_WITH_HEADING: Final = 0x40
_PLAIN, _UNICODE = 0x00, 0x08
_INTERNATIONAL, _ALPHANUMERIC, _UNKNOWN = 1, 5, 0
_ISDN: Final = 1
_SHORTEST_TELEPHONE: Final = 7


class Smpp:
    key = "smpp"
    capabilities = Capabilities(frozenset({"sms"}), leaves_machine=True)

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._ids = str(config.get("receipt_ids") or "same")
        self._link: Link | None = None

    def send(self, message: Outgoing) -> Accepted:
        link = self._connected()
        text = coded(message.text)
        mark = secrets.randbelow(256)
        answers: list[Frame] = []
        for number, part in enumerate(text.parts, start=1):
            heading = bytes([5, 0, 3, mark, len(text.parts), number]) if len(text.parts) > 1 else b""
            is_last = number == len(text.parts)
            answers.append(
                self._submitted(link, message, heading + part, coding=_PLAIN if text.is_plain else _UNICODE,
                                is_last=is_last, has_left=bool(answers))
            )  # fmt: skip
        name = answers[-1].body.partition(b"\0")[0].decode("ascii", "replace")
        return Accepted(
            events.name_in_answer(name, self._ids), f"{len(answers)} × submit_sm, id {name}"[:200]
        )

    def _submitted(
        self, link: Link, message: Outgoing, content: bytes, *, coding: int, is_last: bool, has_left: bool
    ) -> Frame:
        """One part. A refusal is certain only while no part of the message left."""
        sequence = link.next_sequence()
        ton, npi, sender = _named(message.sender)
        pdu = SubmitSm(
            sender, message.recipient.lstrip("+"), content, source_addr_ton=ton, source_addr_npi=npi,
            dest_addr_ton=_INTERNATIONAL, dest_addr_npi=_ISDN, data_coding=coding,
            esm_class=_WITH_HEADING if len(content) > 140 or content[:3] == b"\x05\0\x03" else 0,
            registered_delivery=1 if is_last else 0, sequence_number=sequence,
        )  # fmt: skip
        try:
            answer = link.ask_whole(pdu.encode(), sequence)
        except OSError as error:
            self._hang_up()
            raise ProviderError(_told(error), is_certain=False, is_permanent=False) from error
        if answer.status:
            is_later = answer.status in _LATER
            raise ProviderError(
                f"submit_sm refused: {answer.status:#010x}", is_certain=not has_left, is_permanent=not (is_later or has_left)
            )  # fmt: skip
        return answer

    def fetch(self, keep: Callable[[Call], None]) -> int:
        """Hand over what the SMSC has for us, each answered once it is kept; return how many. Raises ProviderError."""
        session = secrets.token_hex(8)
        link = self._opened(TRANSCEIVER)
        try:
            return link.listen(lambda pdu: keep(events.call_of(session, pdu)), quiet=QUIET, most=MOST)
        except LinkLost as error:
            raise ProviderError(_told(error), is_certain=True, is_permanent=False) from error
        finally:
            link.close()

    def look_up(self, reference: str) -> bool | None:
        return None  # an SMSC cannot be asked by a name of ours

    def parse_events(self, call: Call) -> Parsed:
        return events.read(call, self._ids)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _connected(self) -> Link:
        if self._link is None or not self._link.is_alive():
            self._hang_up()
            self._link = self._opened(TRANSMITTER)
        return self._link

    def _opened(self, role: int) -> Link:
        if not self._config.get("host"):
            raise ProviderError("no SMSC is set", is_certain=True, is_permanent=True)
        try:
            return Link(self._config, role, patience=PATIENCE)
        except (OSError, BindRefused) as error:
            raise ProviderError(_told(error), is_certain=True, is_permanent=False) from error

    def _hang_up(self) -> None:
        self.close()


def make(config: ProviderConfig) -> Smpp:
    """Return a sender to an SMSC; `user` is its system id. It binds at the first message."""
    return Smpp(config)


def _named(sender: str) -> tuple[int, int, str]:
    """Who writes: an international number, a short code, or a name of at most eleven letters."""
    digits = sender.lstrip("+")
    if not digits.isdigit():
        return _ALPHANUMERIC, 0, sender[:11]
    return (_INTERNATIONAL if len(digits) >= _SHORTEST_TELEPHONE else _UNKNOWN), _ISDN, digits


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
