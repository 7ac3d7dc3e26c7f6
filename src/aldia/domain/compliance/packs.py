"""What a rule pack is: one country's contact law as frozen values of twelve kinds.

This module only names the shapes. ``parsing`` builds them from plain data, ``policy`` chooses the rules that apply to
somebody on a date, ``gate`` answers with them. Minutes count from local midnight and upper bounds are exclusive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from aldia.domain.labels import Label

CHANNELS: Final = ("call", "sms", "whatsapp", "email", "visit", "letter")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY: Final = 24 * 60

KINDS: Final = (
    "contact_window",
    "frequency_cap",
    "event_block",
    "precondition",
    "forbidden_target",
    "required_content",
    "conduct_ban",
    "consent",
    "charge_ceiling",
    "notice_before",
    "retention",
    "limitation",
)
DEBT_FILTERS: Final = (
    "all",
    "all_consumer",
    "consumer",
    "commercial",
    "financial",
    "credit_card",
    "consumer_credit",
    "public_utility",
    "non_financial_credit",
)
ACTOR_FILTERS: Final = (
    "creditor",
    "lender",
    "collection_agency",
    "debt_buyer",
    "assignee",
    "financial_entity_in_house",
)
SEVERITIES: Final = ("hard", "presumption", "default", "optional_strict", "recommended")
BLOCKING_SEVERITIES: Final = frozenset({"hard", "presumption", "default"})

Unit = Literal["attempts", "contacts"]
Scope = Literal["debt", "person_and_debt", "debtor", "debtor_and_creditor"]
Span = Literal["calendar_day", "calendar_week", "rolling_days"]
MinuteRange = tuple[int, int]
DayRanges = tuple[MinuteRange, ...]
Week = tuple[DayRanges, ...]
"""Seven entries, Monday first; each holds the open ranges of that day, sorted and disjoint."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Whom a rule binds. An empty tuple means that no filter was seen: it binds everybody."""

    regions: tuple[str, ...] = ()
    debts: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactWindow:
    """Hours in which a channel may be used, on the debtor's own clock."""

    channels: tuple[str, ...]
    week: Week
    closes_on_holidays: bool
    are_hours_product_default: bool = False


@dataclass(frozen=True, slots=True)
class CapPeriod:
    """The span a cap counts over. ``length`` is in days for rolling spans, otherwise one."""

    span: Span
    length: int = 1


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """At most ``maximum`` attempts or contacts in a period, over a pool of channels."""

    maximum: int
    unit: Unit
    period: CapPeriod
    scope: Scope
    channels: tuple[str, ...]
    is_pooled: bool = True
    min_gap_days: int = 0
    after_event: str | None = None
    excluded: frozenset[str] = frozenset()
    only_elsewhere: bool = False
    also: tuple["FrequencyCap", ...] = ()


@dataclass(frozen=True, slots=True)
class EventBlock:
    """What stops or narrows contact once something has happened."""

    trigger: str
    effect: str
    channels: tuple[str, ...] = ()
    days: int | None = None
    rest_of_week: bool = False
    is_event_day_first: bool = False
    until: str | None = None
    scope: Scope = "debtor_and_creditor"
    exempt_purposes: frozenset[str] = frozenset()
    freezes_charges: bool = False


@dataclass(frozen=True, slots=True)
class ForbiddenTarget:
    """People and places that are never contacted. A non-empty ``allowed`` closes every other role."""

    targets: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    exempt_debts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredContent:
    """Placeholders that a message of these types must carry."""

    message_types: tuple[str, ...]
    placeholders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """How a channel must have been agreed. No channels listed means that the rule is not about channels."""

    model: str
    channels: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConductBan:
    """Codes of practices and texts that are banned."""

    bans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Parameters of the kinds that other rooms apply (charges, notices, retention, limitation, preconditions)."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.values)))


Params = (
    ContactWindow
    | FrequencyCap
    | EventBlock
    | ForbiddenTarget
    | RequiredContent
    | Consent
    | ConductBan
    | Facts
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one country, with where it comes from and how sure we are."""

    id: str
    country: str
    kind: str
    params: Params
    severity: str
    summary: Label | None = None
    filters: Filters = Filters()
    basis: str = "statute_or_regulation"
    status: str = "in_force"
    effective_from: date | None = None
    law: str = ""
    confidence: str = ""
    notes: str = ""

    def is_in_force(self, on: date) -> bool:
        """True when the rule has begun by that date. Doubtful and stale rules stay in force until counsel removes them."""
        return self.effective_from is None or self.effective_from <= on


@dataclass(frozen=True, slots=True)
class RulePack:
    """The rules of one country as of the date of their research."""

    country: str
    name: str
    as_of: date
    timezones: tuple[str, ...]
    holiday_calendar: Mapping[str, Any]
    rules: tuple[Rule, ...]
    gaps: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash((self.country, self.as_of, len(self.rules)))


@dataclass(frozen=True, eq=False)
class RuleBook:
    """All packs, with what an organisation adds: its own tighter rules and the optional strict readings it switched on.

    Compared by identity, so that a policy made from it can be cached.
    """

    packs: Mapping[str, RulePack]
    version: str
    tightenings: tuple[Rule, ...] = ()
    switched_on: frozenset[str] = frozenset()

    def with_organisation(
        self, *, tightenings: tuple[Rule, ...], switched_on: frozenset[str], version: str
    ) -> "RuleBook":
        """The same law plus what one organisation adds; ``version`` names the addition."""
        return RuleBook(self.packs, f"{self.version}/{version}", tightenings, switched_on)
