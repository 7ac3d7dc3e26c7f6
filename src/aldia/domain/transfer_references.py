"""What a client writes in a transfer so that it finds its case by itself, and the copy-and-paste text of a Pix.

A reference is PG, the case and two check digits (ISO 7064 MOD 97-10): one wrong digit, or two that changed places, is nobody's.
The Pix text is a BR Code of Brazil's central bank over EMV QRCPS, Merchant Presented Mode: fields of id, length and value, and a
CRC-16 at the end.
"""

import unicodedata
from binascii import crc_hqx
from typing import Final

from aldia.domain.money import to_major

PREFIX: Final = "PG"
_DIGITS: Final = 8  # of the case, with zeros in front
_BRL: Final = "986"


class BadPix(ValueError):
    """Raised when a key, name or city does not fit a BR Code."""


def reference_of(case_id: int) -> str:
    """Return the reference of a case, as `PG0000001204`: unique in the installation, for ever."""
    return f"{PREFIX}{case_id:0{_DIGITS}d}{98 - case_id * 100 % 97:02d}"


def case_of(reference: str) -> int | None:
    """Return the case of a reference, None where its check digits do not agree."""
    digits = reference.strip().upper().removeprefix(PREFIX)
    if not digits.isdecimal() or len(digits) < _DIGITS + 2 or int(digits) % 97 != 1:
        return None
    return int(digits[:-2])


def pix_text(*, key: str, name: str, city: str, reference: str, amount_minor: int) -> str:
    """Return the «copia e cola» of a static Pix of an exact amount in reais; `reference` comes back as its txid. Raises BadPix."""
    if not 0 < len(key) <= 77:
        raise BadPix(f"a Pix key has 1 to 77 characters, {key!r} has {len(key)}")
    if not reference.isalnum() or len(reference) > 25:
        raise BadPix(f"a txid has up to 25 letters and digits, found {reference!r}")
    if not _plain(name) or not _plain(city):
        raise BadPix("a BR Code carries the name and the city of who is paid")
    told = "".join(
        (
            _field("00", "01"),
            _field("26", _field("00", "br.gov.bcb.pix") + _field("01", key)),
            _field("52", "0000"),
            _field("53", _BRL),
            _field("54", f"{to_major(amount_minor, 'BRL'):.2f}"),
            _field("58", "BR"),
            _field("59", _plain(name)[:25].strip()),
            _field("60", _plain(city)[:15].strip()),
            _field("62", _field("05", reference)),
            "6304",
        )
    )
    return f"{told}{crc_hqx(told.encode('ascii'), 0xFFFF):04X}"


def _field(number: str, value: str) -> str:
    return f"{number}{len(value):02d}{value}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in folded if letter.isascii() and letter.isprintable()).upper().strip()
