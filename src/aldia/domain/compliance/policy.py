"""The contact policy of a case on a date: every rule that binds it, folded so that the strictest wins.

One policy serves all cases with the same facts, so callers cache it. Unknown facts apply every rule that might bind and are
listed in ``missing``. Where no window is found for a channel, the product's own floor holds and is flagged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from aldia.domain.compliance.matching import EU_MEMBERS, Case, CaseFacts, Match, match, read_case
from aldia.domain.compliance.packs import (
    BLOCKING_SEVERITIES,
    CHANNELS,
    ConductBan,
    Consent,
    ContactWindow,
    EventBlock,
    ForbiddenTarget,
    FrequencyCap,
    RequiredContent,
    Rule,
    RuleBook,
    RulePack,
    Week,
)
from aldia.domain.compliance.windows import ALWAYS, narrow_all

PRODUCT: Final = "product"
_HOURS: Final[Week] = (((8 * 60, 20 * 60),),) * 5 + (((9 * 60, 14 * 60),), ())
_WAKING: Final[Week] = (((7 * 60, 22 * 60),),) * 7
_FLOORS: Final[Mapping[str, ContactWindow]] = {
    "call": ContactWindow(("call",), _HOURS, closes_on_holidays=True),
    "visit": ContactWindow(("visit",), _HOURS, closes_on_holidays=True),
    "sms": ContactWindow(("sms",), _HOURS, closes_on_holidays=True),
    "whatsapp": ContactWindow(("whatsapp",), _HOURS, closes_on_holidays=True),
    "email": ContactWindow(("email",), _WAKING, closes_on_holidays=False),
    "letter": ContactWindow(("letter",), ALWAYS, closes_on_holidays=False),
}
OPT_IN, OPT_IN_IF_AUTOMATED, OPT_OUT = "opt_in", "opt_in_if_automated", "opt_out"
_CONSENT_MODELS: Final = {
    "opt_in_per_channel": OPT_IN,
    "opt_in_autodialled": OPT_IN_IF_AUTOMATED,
    "opt_out_per_channel": OPT_OUT,
}
_CONSENT_ORDER: Final = (OPT_OUT, OPT_IN_IF_AUTOMATED, OPT_IN)


@dataclass(frozen=True, slots=True)
class ChannelHours:
    """When a channel is open, and the rules (or ``product``) that decided it."""

    week: Week
    closes_on_holidays: bool
    rule_ids: tuple[str, ...]
    is_product_default: bool


@dataclass(frozen=True, slots=True)
class Cap:
    """A frequency limit in force, with the rule it comes from."""

    rule_id: str
    severity: str
    limit: FrequencyCap


@dataclass(frozen=True, slots=True)
class Block:
    """An event rule in force, with the rule it comes from."""

    rule_id: str
    severity: str
    event: EventBlock


@dataclass(frozen=True, slots=True)
class ChannelConsent:
    """How a channel must have been agreed (opt_in, opt_in_if_automated or opt_out), and the rule that says so."""

    model: str
    rule_id: str

    def is_needed(self, *, is_automated: bool | None) -> bool:
        """Whether a contact must have been agreed to before; not knowing who makes it reads as a machine."""
        return self.model == OPT_IN or (self.model == OPT_IN_IF_AUTOMATED and is_automated is not False)


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """Everything the gate needs to answer for one kind of case on one date."""

    on: date
    country: str | None
    debt_kind: str | None
    rule_version: str
    hours: Mapping[str, ChannelHours]
    caps: tuple[Cap, ...]
    blocks: tuple[Block, ...]
    targets: tuple[tuple[str, ForbiddenTarget], ...]
    consents: Mapping[str, ChannelConsent]
    contents: tuple[tuple[str, RequiredContent], ...]
    bans: tuple[tuple[str, ConductBan], ...]
    rules: tuple[Rule, ...]
    missing: tuple[str, ...]

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with that id among those that apply; None for ``product``."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A rule that binds, surely or perhaps, and whether the organisation itself added it."""

    rule: Rule
    is_sure: bool
    is_own: bool


def policy_for(book: RuleBook, facts: CaseFacts, *, on: date) -> ContactPolicy:
    """The policy of a case with these facts on that date."""
    case = read_case(facts)
    bound, settling = _bound_rules(book, case, on)
    missing = [*case.unknown(), *(fact for fact in ("region", "debt_kind", "actor_kind") if fact in settling)]
    rules = [each.rule for each in bound]
    return ContactPolicy(
        on=on,
        country=case.country,
        debt_kind=case.debt_kind,
        rule_version=book.version,
        hours={channel: _hours(channel, bound, case) for channel in CHANNELS},
        caps=_caps(rules),
        blocks=tuple(
            Block(rule.id, rule.severity, rule.params)
            for rule in rules
            if isinstance(rule.params, EventBlock)
        ),
        targets=tuple((rule.id, rule.params) for rule in rules if isinstance(rule.params, ForbiddenTarget)),
        consents=_consents(rules),
        contents=_contents(rules),
        bans=tuple((rule.id, rule.params) for rule in rules if isinstance(rule.params, ConductBan)),
        rules=tuple(rules),
        missing=tuple(dict.fromkeys(missing)),
    )


def packs_for(book: RuleBook, country: str | None) -> tuple[RulePack, ...]:
    """The packs that may bind somebody there: the country's and its union's; all of them when it is unknown."""
    if country is None:
        return tuple(book.packs.values())
    wanted = (country, "EU") if country in EU_MEMBERS else (country,)
    return tuple(book.packs[code] for code in wanted if code in book.packs)


def _bound_rules(book: RuleBook, case: Case, on: date) -> tuple[list[_Bound], frozenset[str]]:
    bound: list[_Bound] = []
    settling: frozenset[str] = frozenset()
    sources = [(rule, False) for pack in packs_for(book, case.country) for rule in pack.rules]
    sources += [
        (rule, True) for rule in book.tightenings if rule.country in ("", case.country) or not case.country
    ]
    for rule, is_own in sources:
        is_on = rule.severity in BLOCKING_SEVERITIES or (
            rule.severity == "optional_strict" and rule.id in book.switched_on
        )
        if not is_on or not rule.is_in_force(on):
            continue
        answer, facts = match(rule.filters, case)
        if answer is Match.NO:
            continue
        settling |= facts
        is_sure = answer is Match.YES and case.country is not None
        bound.append(_Bound(rule, is_sure, is_own))
    return bound, settling


def _hours(channel: str, bound: Iterable[_Bound], case: Case) -> ChannelHours:
    """The narrowest hours. A region's law replaces its country's mere default; the product's floor fills a silence."""
    windows = [
        (each, each.rule.params)
        for each in bound
        if isinstance(each.rule.params, ContactWindow) and channel in each.rule.params.channels
    ]
    has_region_law = any(
        each.is_sure and not each.is_own and each.rule.filters.regions and each.rule.severity != "default"
        for each, _ in windows
    )
    kept = [
        (each.rule.id, window)
        for each, window in windows
        if not (
            has_region_law
            and not each.is_own
            and each.rule.severity == "default"
            and not each.rule.filters.regions
        )
    ]
    is_silent = not any(each.is_sure and not each.is_own for each, _ in windows)
    if is_silent:
        kept.append((PRODUCT, _FLOORS[channel]))
    return ChannelHours(
        week=narrow_all(window.week for _, window in kept),
        closes_on_holidays=any(window.closes_on_holidays for _, window in kept),
        rule_ids=tuple(rule_id for rule_id, _ in kept),
        is_product_default=is_silent,
    )


def _caps(rules: Iterable[Rule]) -> tuple[Cap, ...]:
    return tuple(
        Cap(rule.id, rule.severity, limit)
        for rule in rules
        if isinstance(rule.params, FrequencyCap)
        for limit in (rule.params, *rule.params.also)
    )


def _consents(rules: Iterable[Rule]) -> dict[str, ChannelConsent]:
    """The strictest model per channel; models that are not about using a channel are left to content and notices."""
    strictest: dict[str, ChannelConsent] = {}
    for rule in rules:
        model = _CONSENT_MODELS.get(rule.params.model) if isinstance(rule.params, Consent) else None
        if model is None or not isinstance(rule.params, Consent):
            continue
        for channel in rule.params.channels:
            held = strictest.get(channel)
            if held is None or _CONSENT_ORDER.index(model) > _CONSENT_ORDER.index(held.model):
                strictest[channel] = ChannelConsent(model, rule.id)
    return strictest


def _contents(rules: Iterable[Rule]) -> tuple[tuple[str, RequiredContent], ...]:
    """What templates must carry; a consent rule with placeholders asks for them in messages on its channels."""
    required: list[tuple[str, RequiredContent]] = []
    for rule in rules:
        if isinstance(rule.params, RequiredContent):
            required.append((rule.id, rule.params))
        elif isinstance(rule.params, Consent) and rule.params.placeholders:
            required.append((rule.id, RequiredContent(rule.params.channels, rule.params.placeholders)))
    return tuple(required)
