"""From plain data (what a YAML or JSON reader gives) to rule packs, refusing whatever is not understood.

A rule that cannot be read must never be skipped in silence: its absence would look like permission. Every refusal
says which rule, which field, what was found and what was expected.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Final, cast

from aldia.domain.compliance.fields import (
    Data,
    MalformedRule,
    UnknownRuleKind,
    read_channels,
    read_count,
    read_day,
    read_flag,
    read_label,
    read_mapping,
    read_minute,
    read_one_of,
    read_sequence,
    read_text,
    read_texts,
    read_words,
)
from aldia.domain.compliance.packs import (
    ACTOR_FILTERS,
    DAYS,
    DEBT_FILTERS,
    KINDS,
    SEVERITIES,
    CapPeriod,
    ConductBan,
    Consent,
    ContactWindow,
    EventBlock,
    Facts,
    Filters,
    ForbiddenTarget,
    FrequencyCap,
    MinuteRange,
    Params,
    RequiredContent,
    Rule,
    RulePack,
    Scope,
    Unit,
)

SCOPES: Final = ("debt", "person_and_debt", "debtor", "debtor_and_creditor")
EFFECTS: Final = (
    "block_all",
    "block_collection",
    "suspend_individual_collection",
    "block_disputed_amount",
    "redirect_to_attorney",
    "block_channel",
    "lock_other_channels",
)
CONSENT_MODELS: Final = (
    "opt_in_per_channel",
    "opt_in_autodialled",
    "opt_out_per_channel",
    "opt_in_for_marketing",
    "opt_in_data_sharing",
    "lawful_basis_and_notice",
)
_SPANS: Final = ("calendar_day", "calendar_week", "week", "rolling_days")
_NEEDED_FACT: Final = {
    "precondition": "requirement",
    "charge_ceiling": "charge",
    "notice_before": "action",
    "retention": "what",
    "limitation": None,
}


def parse_pack(data: object) -> RulePack:
    """The pack of one country. Raises MalformedRule or UnknownRuleKind."""
    pack = read_mapping(data, "(document)", "(document)")
    country = read_text(pack, "country", "(document)")
    where = f"pack {country}"
    rules = tuple(parse_rule(item, country=country) for item in read_sequence(pack, "rules", where))
    ids = [rule.id for rule in rules]
    for repeated in (rule_id for rule_id in ids if ids.count(rule_id) > 1):
        raise MalformedRule(repeated, "id", repeated, "an identifier used once in its pack")
    return RulePack(
        country=country,
        name=read_text(pack, "name", where),
        as_of=read_day(pack.get("as_of"), where, "as_of"),
        timezones=read_texts(pack.get("timezones", ()), where, "timezones"),
        holiday_calendar=read_mapping(pack.get("holiday_calendar", {}), where, "holiday_calendar"),
        rules=rules,
        gaps=read_texts(pack.get("gaps", ()), where, "gaps"),
    )


def parse_rule(data: object, *, country: str) -> Rule:
    """One rule with its typed parameters. Raises MalformedRule or UnknownRuleKind."""
    rule = read_mapping(data, f"of {country}", "(rule)")
    rule_id = read_text(rule, "id", f"of {country}")
    kind = rule.get("kind")
    if kind not in KINDS:
        raise UnknownRuleKind(rule_id, kind)
    status = str(rule.get("status", "in_force"))
    return Rule(
        id=rule_id,
        country=country,
        kind=str(kind),
        params=_parse_params(str(kind), read_mapping(rule.get("params"), rule_id, "params"), rule_id),
        severity=read_one_of(rule.get("severity"), SEVERITIES, rule_id, "severity"),
        summary=read_label(rule.get("summary"), rule_id, "summary"),
        filters=_parse_filters(rule.get("applies_to") or {}, rule_id),
        basis=str(rule.get("basis") or ""),
        status=status,
        effective_from=_effective_from(rule, status, rule_id),
        law=str(rule.get("law") or ""),
        confidence=str(rule.get("confidence") or ""),
        notes=str(rule.get("notes") or ""),
    )


def _effective_from(rule: Data, status: str, rule_id: str) -> date | None:
    found = rule.get("effective_from")
    if found is None and status.startswith("enters_into_force_"):
        found = status.removeprefix("enters_into_force_")
    return None if found is None else read_day(found, rule_id, "effective_from")


def _parse_filters(data: object, rule_id: str) -> Filters:
    filters = read_mapping(data, rule_id, "applies_to")
    if strange := set(filters) - {"region", "debt", "actors"}:
        raise MalformedRule(rule_id, "applies_to", sorted(strange), "region, debt or actors")
    regions = read_texts(filters.get("region", ()), rule_id, "applies_to.region")
    return Filters(
        regions=tuple(part.strip() for text in regions for part in text.split(",")),
        debts=read_words(filters.get("debt", ()), DEBT_FILTERS, rule_id, "applies_to.debt"),
        actors=read_words(filters.get("actors", ()), ACTOR_FILTERS, rule_id, "applies_to.actors"),
    )


def _parse_params(kind: str, params: Data, rule_id: str) -> Params:
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(params, rule_id)
    needed = _NEEDED_FACT[kind]
    if needed is not None:
        read_text(params, needed, rule_id)
    return Facts(dict(params))


def _contact_window(params: Data, rule_id: str) -> ContactWindow:
    days: list[list[MinuteRange]] = [[] for _ in DAYS]
    for window in read_sequence(params, "windows", rule_id):
        entry = read_mapping(window, rule_id, "windows")
        opens, closes = (
            read_minute(entry.get(bound), rule_id, f"windows.{bound}") for bound in ("from", "to")
        )
        if opens >= closes:
            raise MalformedRule(
                rule_id, "windows", f"{entry.get('from')}-{entry.get('to')}", "an end after its start"
            )
        for day in read_texts(entry.get("days"), rule_id, "windows.days"):
            days[DAYS.index(read_one_of(day, DAYS, rule_id, "windows.days"))].append((opens, closes))
    for day in read_texts(params.get("closed_days", ()), rule_id, "closed_days"):
        days[DAYS.index(read_one_of(day, DAYS, rule_id, "closed_days"))].clear()
    for ranges in days:
        ranges.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(ranges)):
            raise MalformedRule(rule_id, "windows", ranges, "ranges of one day that do not overlap")
    read_one_of(params.get("clock", "debtor_local"), ("debtor_local",), rule_id, "clock")
    return ContactWindow(
        channels=read_channels(params, rule_id),
        week=tuple(tuple(ranges) for ranges in days),
        closes_on_holidays=read_one_of(
            params.get("public_holidays"), ("closed", "open"), rule_id, "public_holidays"
        )
        == "closed",
        are_hours_product_default=params.get("hours_are") == "product_default",
    )


def _frequency_cap(params: Data, rule_id: str) -> FrequencyCap:
    gap = read_mapping(params.get("min_gap") or {"value": 0, "unit": "days"}, rule_id, "min_gap")
    read_one_of(gap.get("unit"), ("days",), rule_id, "min_gap.unit")
    scope = cast(Scope, read_one_of(params.get("scope"), SCOPES, rule_id, "scope"))
    cap = FrequencyCap(
        maximum=read_count(params.get("max"), rule_id, "max"),
        unit=cast(Unit, read_one_of(params.get("unit"), ("attempts", "contacts"), rule_id, "unit")),
        period=_period(params.get("period"), rule_id),
        scope=scope,
        channels=read_channels(params, rule_id),
        is_pooled=read_flag(params.get("pooled", True), rule_id, "pooled"),
        min_gap_days=read_count(gap.get("value"), rule_id, "min_gap.value"),
        after_event=params.get("after_event"),
        excluded=frozenset(read_texts(params.get("excluded_attempts", ()), rule_id, "excluded_attempts")),
    )
    return _with_side_caps(cap, params, rule_id)


def _with_side_caps(cap: FrequencyCap, params: Data, rule_id: str) -> FrequencyCap:
    """The cap plus those it carries beside it: on visits, and on numbers that are neither home nor personal."""
    side: list[FrequencyCap] = []
    for name, channels in (("visits", ("visit",)), ("other_numbers", cap.channels)):
        if name not in params:
            continue
        extra = read_mapping(params[name], rule_id, name)
        days = extra.get("period_days")
        period = extra.get("period") if days is None else {"type": "rolling_days", "length": days}
        side.append(
            FrequencyCap(
                maximum=read_count(extra.get("max"), rule_id, f"{name}.max"),
                unit=cap.unit,
                period=_period(period, rule_id),
                scope=cap.scope,
                channels=channels,
                only_elsewhere=name == "other_numbers",
            )
        )
    return replace(cap, also=tuple(side)) if side else cap


def _period(data: object, rule_id: str) -> CapPeriod:
    period = read_mapping(data, rule_id, "period")
    span = read_one_of(period.get("type"), _SPANS, rule_id, "period.type")
    length = read_count(period.get("length", 1), rule_id, "period.length")
    if span == "rolling_days":
        return CapPeriod("rolling_days", length)
    if length != 1:
        raise MalformedRule(rule_id, "period.length", length, "1 (only rolling days may be longer)")
    if span == "calendar_day":
        return CapPeriod("calendar_day")
    # An undefined "week" is read both ways, and seven rolling days already contain every calendar week.
    return CapPeriod("rolling_days", 7) if span == "week" else CapPeriod("calendar_week")


def _event_block(params: Data, rule_id: str) -> EventBlock:
    effect = read_one_of(params.get("effect"), EFFECTS, rule_id, "effect")
    duration = params.get("duration")
    days, rest_of_week, is_first = None, False, False
    if duration is not None:
        span = read_mapping(duration, rule_id, "duration")
        kind = read_one_of(span.get("type"), ("calendar_week", "rolling_days"), rule_id, "duration.type")
        length = read_count(span.get("length"), rule_id, "duration.length")
        rest_of_week = kind == "calendar_week"
        days = None if rest_of_week else length
        is_first = span.get("day_of_event_is_day") == 1
    elif not params.get("until"):
        raise MalformedRule(rule_id, "duration", None, "a duration or an until")
    return EventBlock(
        trigger=read_text(params, "trigger", rule_id),
        effect=effect,
        channels=read_channels(params, rule_id) if "channels" in params else (),
        days=days,
        rest_of_week=rest_of_week,
        is_event_day_first=is_first,
        until=params.get("until"),
        scope=cast(Scope, read_one_of(params.get("scope", "debtor_and_creditor"), SCOPES, rule_id, "scope")),
        exempt_purposes=frozenset(read_texts(params.get("exceptions", ()), rule_id, "exceptions")),
        freezes_charges=params.get("charges") == "frozen",
    )


def _forbidden_target(params: Data, rule_id: str) -> ForbiddenTarget:
    target = ForbiddenTarget(
        targets=read_texts(params.get("targets", ()), rule_id, "targets"),
        allowed=read_texts(params.get("allowed", ()), rule_id, "allowed"),
        places=read_texts(params.get("places", ()), rule_id, "places"),
        channels=read_channels(params, rule_id) if "channels" in params else (),
        exempt_debts=read_texts(params.get("exceptions", ()), rule_id, "exceptions"),
    )
    if not (target.targets or target.allowed or target.places):
        raise MalformedRule(rule_id, "targets", params, "targets, allowed or places")
    return target


def _required_content(params: Data, rule_id: str) -> RequiredContent:
    return RequiredContent(
        read_texts(read_sequence(params, "message_types", rule_id), rule_id, "message_types"),
        read_texts(read_sequence(params, "placeholders", rule_id), rule_id, "placeholders"),
    )


def _conduct_ban(params: Data, rule_id: str) -> ConductBan:
    return ConductBan(read_texts(read_sequence(params, "bans", rule_id), rule_id, "bans"))


def _consent(params: Data, rule_id: str) -> Consent:
    return Consent(
        model=read_one_of(params.get("model"), CONSENT_MODELS, rule_id, "model"),
        channels=read_channels(params, rule_id) if "channels" in params else (),
        placeholders=read_texts(params.get("placeholders", ()), rule_id, "placeholders"),
    )


_READERS: Final[Mapping[str, Callable[[Data, str], Params]]] = {
    "contact_window": _contact_window,
    "frequency_cap": _frequency_cap,
    "event_block": _event_block,
    "forbidden_target": _forbidden_target,
    "required_content": _required_content,
    "conduct_ban": _conduct_ban,
    "consent": _consent,
}
