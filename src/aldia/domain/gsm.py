"""The letters of an SMS as bytes, and the parts that a long one is cut into. Source: 3GPP TS 23.038 and 23.040."""

from dataclasses import dataclass
from typing import Final

from aldia.domain.sms import segments

_TABLE: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = dict(
    zip("\f^{}\\[~]|€", (0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65), strict=True)
)
_CODES: Final = {letter: bytes([code]) for code, letter in enumerate(_TABLE)} | {
    letter: bytes([0x1B, code]) for letter, code in _EXTENDED.items()
}
_LETTERS: Final = {code: letter for letter, code in _EXTENDED.items()}
_ROOM: Final = {"GSM-7": 153, "UCS-2": 134}  # of one part among many, in bytes here


@dataclass(frozen=True)
class Coded:
    """A text as it travels: `is_plain` in GSM-7, one letter a byte, else in UTF-16; one entry a part, without its heading."""

    is_plain: bool
    parts: tuple[bytes, ...]


def coded(text: str) -> Coded:
    """Return the parts of a text, as many as `segments` counts; no letter is cut in two."""
    told = segments(text)
    is_plain = told.encoding == "GSM-7"
    letters = [_CODES[each] if is_plain else each.encode("utf-16-be") for each in text]
    if told.count <= 1:
        return Coded(is_plain, (b"".join(letters),))
    parts, part = [], b""
    for each in letters:
        if len(part) + len(each) > _ROOM[told.encoding]:
            parts.append(part)
            part = b""
        part += each
    return Coded(is_plain, (*parts, part))


def text_in_gsm(content: bytes) -> str:
    """Return the text of bytes in GSM-7, one letter a byte; what the alphabet does not know becomes `?`."""
    found, is_extended = [], False
    for code in content:
        if is_extended:
            found.append(_LETTERS.get(code, "?"))
            is_extended = False
        elif code == 0x1B:
            is_extended = True
        else:
            found.append(_TABLE[code] if code < len(_TABLE) else "?")
    return "".join(found)
