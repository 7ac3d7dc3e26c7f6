"""A message as the bytes that leave, written straight: the tree of a notice is always the same, so none is built."""

import base64
import binascii
import re
import secrets
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Final

from aldia.contact.providers.protocol import Attachment, Outgoing

_BREAKS: Final = re.compile(r"[\r\n\x00]")
_LONGEST_LINE: Final = 76  # what all servers take without folding it themselves
_LONGEST_ALLOWED: Final = 900  # of the 998 that RFC 5322 allows a line
_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+")


def mime_of(message: Outgoing, *, now: datetime) -> bytes:
    """Return the whole message, ready for DATA. Raises ValueError for a line break in a header or an address that is none."""
    sender, domain = _sender(message.sender)
    heads = {
        "From": sender, "To": _recipient(message.recipient), "Subject": message.subject, "Reply-To": message.returns_to,
        "Date": format_datetime(now), "Message-ID": f"<{message.reference}@{domain}>", "MIME-Version": "1.0",
        **message.headers,
    }  # fmt: skip
    lines = [_header(name, value) for name, value in heads.items() if value]
    return "\r\n".join(lines).encode("ascii") + b"\r\n" + _body(message)


def _body(message: Outgoing) -> bytes:
    words = _text(message.text, "plain")
    if message.html:
        words = _multipart("alternative", [words, _text(message.html, "html")])
    if message.attachments:
        words = _multipart("mixed", [words, *map(_file, message.attachments)])
    return words


def _text(text: str, kind: str) -> bytes:
    """Readable as it travels: quoted-printable, with the line ends of mail."""
    raw = "\r\n".join(text.splitlines()).encode("utf-8") + b"\r\n"
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    )
    return head.encode() + binascii.b2a_qp(raw, istext=True)


def _file(attachment: Attachment) -> bytes:
    kind = attachment.content_type if _TYPE.fullmatch(attachment.content_type) else "application/octet-stream"
    name = _plain(attachment.name)
    ascii_name = name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    full = f"; filename*=utf-8''{_percent(name)}" if not name.isascii() else ""
    head = (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{ascii_name}"{full}\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(attachment.content).replace(b"\n", b"\r\n")


def _multipart(kind: str, parts: list[bytes]) -> bytes:
    mark = secrets.token_hex(12).encode()  # nobody who writes a part can know it
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind.encode(), mark)
    return head + b"".join(b"--%s\r\n%s\r\n" % (mark, part) for part in parts) + b"--%s--\r\n" % mark


def _header(name: str, value: str) -> str:
    _plain(value)
    has_no_place_to_fold = " " not in value and len(value) < _LONGEST_ALLOWED
    if value.isascii() and (has_no_place_to_fold or len(name) + len(value) + 2 <= _LONGEST_LINE):
        return f"{name}: {value}"
    return f"{name}: {_folded(value, len(name) + 2)}"


@lru_cache(maxsize=256)
def _folded(value: str, used: int) -> str:
    """A long value in several lines; one with other letters in encoded words."""
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(value, charset, maxlinelen=_LONGEST_LINE, header_name="x" * (used - 2)).encode(
        linesep="\r\n"
    )


@lru_cache(maxsize=256)
def address_of(written: str) -> str:
    """Return the address of `Name <address>`."""
    return parseaddr(written)[1]


@lru_cache(maxsize=256)
def _sender(written: str) -> tuple[str, str]:
    """Who signs, as a header, and the domain that names the message. The same for a whole campaign."""
    name, address = parseaddr(_plain(written))
    if not address:
        return written, "localhost"
    return _named(name, address), address.rpartition("@")[2] or "localhost"


def _named(name: str, address: str) -> str:
    made = Address(display_name="", addr_spec=address)
    if not name:
        return str(made)
    if name.isascii():
        return str(Address(display_name=name, addr_spec=address))
    return f"{Header(name, 'utf-8', maxlinelen=10_000).encode()} <{made}>"


def _recipient(address: str) -> str:
    if "@" not in _plain(address) or any(each.isspace() or each in "<>,;" for each in address):
        raise ValueError(f"no address: {address!r}")
    return address


def _plain(value: str) -> str:
    if _BREAKS.search(value):
        raise ValueError("a header with a line break")
    return value


def _percent(name: str) -> str:
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in name.encode("utf-8")
    )
