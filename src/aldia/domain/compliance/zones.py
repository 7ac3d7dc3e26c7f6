"""Whose clock counts: the time zones in which the debtor may plausibly be.

Region first, then the prefix of the phone, then the country. Where several remain, an instant must be lawful in all.
"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from aldia.domain.compliance.matching import read_region
from aldia.domain.compliance.packs import RuleBook
from aldia.domain.compliance.zone_table import COUNTRY_ZONES, PHONE_COUNTRIES, REGION_ZONES

_LONGEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """The candidate zones and which fact gave them (region, phone, country or unknown)."""

    zones: tuple[ZoneInfo, ...]
    source: str

    @property
    def is_certain(self) -> bool:
        """True when one single clock is left."""
        return len(self.zones) == 1


def zones_for(book: RuleBook, *, country: str | None, region: str | None, phone: str | None) -> ZoneChoice:
    """The candidate zones of a debtor; every zone of every pack when nothing is known. ``phone`` is in E.164."""
    home = country.strip().upper() if country else None
    place = read_region(home, region)
    if place is not None and (of_region := _region_zones(book, place)):
        return ZoneChoice(_load(of_region), "region")
    by_phone = phone_countries(phone)
    of_country = country_zones(book, home) if home else ()
    if by_phone and home in by_phone and of_country:
        return ZoneChoice(_load(of_country), "country")
    of_phone = tuple(zone for abroad in by_phone for zone in country_zones(book, abroad))
    if of_phone:
        # A foreign phone and a home country disagree: the instant must be fine in both.
        return ZoneChoice(_load(of_phone + of_country), "phone")
    if of_country:
        return ZoneChoice(_load(of_country), "country")
    every = tuple(zone for pack in book.packs.values() for zone in pack.timezones)
    return ZoneChoice(_load(every), "unknown")


def country_zones(book: RuleBook, country: str) -> tuple[str, ...]:
    """Every zone in use in a country: those of its pack and of its regions; empty when the country is not known."""
    pack = book.packs.get(country)
    of_pack = pack.timezones if pack else COUNTRY_ZONES.get(country, ())
    of_regions = (zone for zones in REGION_ZONES.get(country, {}).values() for zone in zones)
    return tuple(dict.fromkeys((*of_pack, *of_regions)))


def phone_countries(phone: str | None) -> tuple[str, ...]:
    """Countries that share the prefix of a number in E.164 (``+54…``); empty when it says nothing."""
    if not phone or not phone.startswith("+"):
        return ()
    digits = "".join(character for character in phone[1:] if character.isdecimal())
    for length in range(_LONGEST_PREFIX, 0, -1):
        if found := PHONE_COUNTRIES.get(digits[:length]):
            return found
    return ()


def _region_zones(book: RuleBook, place: str) -> tuple[str, ...]:
    country = place[:2]
    subdivision = "-".join(place.split("-")[:2])
    table = REGION_ZONES.get(country)
    return country_zones(book, country) if table is None else table.get(subdivision, ())


@lru_cache(maxsize=512)
def _load(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in dict.fromkeys(names))
