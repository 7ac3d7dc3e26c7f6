"""Does a rule bind this case? Yes, no, or perhaps: a fact that is unknown or too coarse never answers no.

"Perhaps" applies the rule (the strictest reading) and names the fact that would settle it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from aldia.domain.compliance.packs import Filters
from aldia.domain.compliance.zone_table import REGION_ZONES

_EU: Final = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EU_MEMBERS: Final = frozenset(_EU.split())
_GB_NATIONS: Final = ("GB-ENG", "GB-WLS", "GB-SCT", "GB-NIR")
_REGION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}(-[A-Z0-9]+)?")

DEBTOR_KINDS: Final = ("consumer", "business")

# For each kind of debt: the filters that it surely meets and those that it may meet; all others it does not.
_DEBT_READINGS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "commercial": (frozenset({"commercial"}), frozenset()),
    "consumer": (
        frozenset({"consumer", "all_consumer"}),
        frozenset({"financial", "credit_card", "consumer_credit", "public_utility", "non_financial_credit"}),
    ),
    "financial": (
        frozenset({"financial"}),
        frozenset({"consumer", "all_consumer", "commercial", "credit_card", "consumer_credit"}),
    ),
    "credit_card": (
        frozenset({"credit_card", "financial"}),
        frozenset({"consumer", "all_consumer", "consumer_credit", "commercial"}),
    ),
    "consumer_credit": (
        frozenset({"consumer_credit", "consumer", "all_consumer"}),
        frozenset({"financial", "credit_card", "non_financial_credit"}),
    ),
    "public_utility": (
        frozenset({"public_utility"}),
        frozenset({"consumer", "all_consumer", "commercial"}),
    ),
    "non_financial_credit": (
        frozenset({"non_financial_credit"}),
        frozenset({"consumer", "all_consumer", "consumer_credit", "commercial"}),
    ),
}
_CONSUMER_FILTERS: Final = frozenset({"consumer", "all_consumer", "consumer_credit"})

# For each actor: the filters that it surely meets and those that it may meet.
_ACTOR_READINGS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "creditor": (
        frozenset({"creditor"}),
        frozenset({"lender", "financial_entity_in_house", "assignee", "debt_buyer"}),
    ),
    "lender": (frozenset({"lender", "creditor"}), frozenset({"financial_entity_in_house"})),
    "financial_entity_in_house": (
        frozenset({"financial_entity_in_house", "lender", "creditor"}),
        frozenset(),
    ),
    "collection_agency": (frozenset({"collection_agency"}), frozenset()),
    "debt_buyer": (frozenset({"debt_buyer", "assignee"}), frozenset({"creditor"})),
    "assignee": (frozenset({"assignee"}), frozenset({"debt_buyer", "creditor"})),
    "law_firm": (frozenset(), frozenset({"collection_agency"})),
}

DEBT_KINDS: Final = tuple(_DEBT_READINGS)
ACTOR_KINDS: Final = tuple(_ACTOR_READINGS)


class Match(IntEnum):
    """Three-valued answer; the weakest of several filters counts."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What was told of a case that its law depends on. None, nothing, or a word that is not understood is unknown."""

    country: str | None = None
    region: str | None = None
    debt_kind: str | None = None
    debtor_kind: str | None = None
    actor_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The facts that filters ask about, as `read_case` understood them. None means unknown."""

    country: str | None
    region: str | None
    debt_kind: str | None
    debtor_kind: str | None
    actor_kind: str | None

    def unknown(self) -> tuple[str, ...]:
        """Names of the facts, other than the region, that are not known."""
        names = ("country", "debt_kind", "debtor_kind", "actor_kind")
        return tuple(name for name in names if getattr(self, name) is None)


def read_case(told: CaseFacts) -> Case:
    """The facts in their normal form: codes in capitals, and None for whatever is not a known word."""
    home = told.country.strip().upper() if told.country else None
    home = home if home and re.fullmatch(r"[A-Z]{2}", home) else None
    place = read_region(home, told.region)
    return Case(
        country=home or (place[:2] if place else None),
        region=place,
        debt_kind=told.debt_kind if told.debt_kind in DEBT_KINDS else None,
        debtor_kind=told.debtor_kind if told.debtor_kind in DEBTOR_KINDS else None,
        actor_kind=told.actor_kind if told.actor_kind in ACTOR_KINDS else None,
    )


def read_region(country: str | None, region: str | None) -> str | None:
    """The ISO 3166-2 code (with a city suffix when given), or None when it is not one of that country."""
    if not region:
        return None
    code = region.strip().upper()
    if "-" not in code and country:
        code = f"{country}-{code}"
    if not _REGION.fullmatch(code) or (country and not code.startswith(f"{country}-")):
        return None
    known = REGION_ZONES.get(code[:2])
    subdivision = "-".join(code.split("-")[:2])
    return code if known is None or subdivision in known else None


def match(filters: Filters, case: Case) -> tuple[Match, frozenset[str]]:
    """Whether the filters bind the case, and the facts that would settle a "perhaps"."""
    answers = {
        "region": _match_region(filters.regions, case),
        "debt_kind": _match_debt(filters.debts, case),
        "actor_kind": _match_actor(filters.actors, case.actor_kind),
    }
    weakest = min(answers.values())
    if weakest is not Match.PERHAPS:
        return weakest, frozenset()
    return weakest, frozenset(fact for fact, answer in answers.items() if answer is Match.PERHAPS)


def _match_region(regions: tuple[str, ...], case: Case) -> Match:
    if not regions:
        return Match.YES
    place = case.region
    if place is None:
        return Match.PERHAPS
    if any(place == region or place.startswith(f"{region}-") for region in regions):
        return Match.YES
    if any(region.startswith(f"{place}-") for region in regions):
        return Match.PERHAPS
    # British counties and boroughs have codes of their own that do not name their nation.
    if place.startswith("GB-") and place not in _GB_NATIONS:
        return Match.PERHAPS
    return Match.NO


def _match_debt(debts: tuple[str, ...], case: Case) -> Match:
    if not debts:
        return Match.YES
    return max(_match_one_debt(debt, case) for debt in debts)


def _match_one_debt(debt: str, case: Case) -> Match:
    """Over every value that an unknown fact may take: all agree, or perhaps."""
    if debt == "all":
        return Match.YES
    kinds = (case.debt_kind,) if case.debt_kind else DEBT_KINDS
    natures = (case.debtor_kind,) if case.debtor_kind else DEBTOR_KINDS
    answers = {_match_known_debt(debt, kind, nature) for kind in kinds for nature in natures}
    return answers.pop() if len(answers) == 1 else Match.PERHAPS


def _match_known_debt(debt: str, debt_kind: str, debtor_kind: str) -> Match:
    """What kind and nature say together; where they contradict each other nothing is certain."""
    by_kind = _read(_DEBT_READINGS, debt_kind, debt)
    by_nature = _match_nature(debt, debtor_kind)
    if {by_kind, by_nature} == {Match.YES, Match.NO}:
        return Match.PERHAPS
    return by_nature if by_kind is Match.PERHAPS else by_kind


def _match_nature(debt: str, debtor_kind: str) -> Match:
    """What the debtor's nature alone says about a filter on debts."""
    if debtor_kind == "consumer":
        if debt in ("consumer", "all_consumer"):
            return Match.YES
        return Match.NO if debt == "commercial" else Match.PERHAPS
    if debt in _CONSUMER_FILTERS:
        return Match.NO
    return Match.YES if debt == "commercial" else Match.PERHAPS


def _match_actor(actors: tuple[str, ...], actor_kind: str | None) -> Match:
    if not actors:
        return Match.YES
    return max(_read(_ACTOR_READINGS, actor_kind, actor) for actor in actors)


def _read(
    readings: Mapping[str, tuple[frozenset[str], frozenset[str]]], known: str | None, wanted: str
) -> Match:
    if known is None:
        return Match.PERHAPS
    surely, perhaps = readings[known]
    if wanted in surely:
        return Match.YES
    return Match.PERHAPS if wanted in perhaps else Match.NO
