"""A day on foot: what a written address says of its place, the order in which to walk, and where a phone says that it was."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

Stop = TypeVar("Stop")

_NUMBER: Final = re.compile(r"\d+")
_POSTAL: Final = re.compile(r"\b(?:[A-Z]?\d{4}(?:[A-Z]{3})?|\d{5}(?:-\d{3})?|\d{6,8})\b")
_KINDS: Final = {
    # What is both, a shop at home, is a workplace: the law is stricter there.
    "workplace": {
        "TRABAJO", "LABORAL", "EMPLEO", "EMPLEADOR", "EMPRESA", "OFICINA", "NEGOCIO", "LOCAL", "COMERCIO", "COMERCIAL", "TIENDA",
        "TALLER", "FABRICA", "CONSULTORIO", "DESPACHO", "WORK", "WORKPLACE", "OFFICE", "JOB", "EMPLOYER", "COMPANY", "BUSINESS",
        "SHOP", "STORE", "FACTORY", "WORKSHOP", "TRABALHO", "EMPREGO", "EMPREGADOR", "ESCRITORIO", "LOJA",
    },
    "home": {
        "CASA", "DOMICILIO", "PARTICULAR", "HOGAR", "VIVIENDA", "HOME", "HOUSE", "RESIDENCIA", "RESIDENCIAL", "MORADIA",
    },
}  # fmt: skip
_FARTHEST_METRES: Final = 100_000


class BadPosition(ValueError):
    """A position that cannot be read, or is nowhere on Earth."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address as one walks it; the parts that the text does not say are empty, the house number then 0."""

    postal_code: str
    town: str
    street: str
    number: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a phone was: degrees (WGS 84), how far it may be off in metres, and when, in UTC."""

    latitude: float
    longitude: float
    accuracy_m: int
    at: datetime


def place_of(address: str) -> Place:
    """Return the place of an address written as `street number, postal code town`; the street stands before the first comma."""
    street_text, _comma, rest = _folded(address).partition(",")
    number = _NUMBER.search(street_text)
    street = street_text[: number.start()] if number else street_text
    postal = _POSTAL.search(rest)
    code = postal[0] if postal else ""
    town = rest.replace(code, " ", 1) if code else rest
    return Place(code, _words(town), _words(street), int(number[0][:9]) if number else 0)


def kind_of_place(label: str) -> str | None:
    """Return what the label of an address says it is, `workplace` or `home` (both: the first), None when it says neither."""
    words = set(_words(_folded(label)).split())
    return next((kind for kind, names in _KINDS.items() if words & names), None)


def walking_order(stops: Iterable[Stop], *, where: Callable[[Stop], tuple[str, str]]) -> list[Stop]:
    """Return the stops in the order of a walk: `where` tells region and address of one.

    By region, postal code, town, street and house number, so that neighbours follow one another; whoever has no address
    comes last. The order of two stops at one door is the order given.
    """

    def key(stop: Stop) -> tuple[bool, str, str, str, str, int]:
        region, address = where(stop)
        place = place_of(address)
        return not address.strip(), region, place.postal_code, place.town, place.street, place.number

    return sorted(stops, key=key)


def read_position(text: str) -> Position:
    """Return the position of `latitude longitude metres instant`, as the visit form sends it. Raises BadPosition."""
    try:
        latitude, longitude, metres, instant = text.split()
        at = datetime.fromisoformat(instant)
        found = Position(round(float(latitude), 6), round(float(longitude), 6), int(metres), at)
    except ValueError as problem:
        raise BadPosition(
            f"expected latitude, longitude, metres and instant, found {text[:80]!r}"
        ) from problem
    is_on_earth = abs(found.latitude) <= 90 and abs(found.longitude) <= 180  # not so for a NaN either
    if not is_on_earth or not 0 <= found.accuracy_m <= _FARTHEST_METRES or at.tzinfo is None:
        raise BadPosition(f"no place on Earth at a known instant: {text[:80]!r}")
    return Position(found.latitude, found.longitude, found.accuracy_m, at.astimezone(UTC))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).upper()


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))
