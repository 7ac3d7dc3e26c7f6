"""Adding to the law and taking back what was added: stricter only, with a reason and a person, kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.house.book import book_of, facts_of, rule_of
from aldia.contact.house.models import HouseKind, OwnRule, OwnRuleEnd
from aldia.contact.rulepacks import shipped_rules
from aldia.domain.compliance.fields import MalformedRule
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.packs import FrequencyCap, Rule, RuleBook
from aldia.domain.compliance.policy import ContactPolicy, policy_for
from aldia.ledger import selectors as ledger

LONGEST: Final = 365  # days of a cap: the gate remembers 400
_REASON: Final = 300
_DRAFT: Final = "OWN-0"


class HouseRuleRefused(ValueError):
    """Raised when a rule of the house has no reason, cannot be understood, or would not be stricter than what holds."""


class UnknownHouseRule(LookupError):
    """Raised when the organisation has no such rule in force."""


@transaction.atomic
def tighten(
    *, actor: Actor, kind: str, params: Mapping[str, Any], reason: str, as_of: date, now: datetime
) -> OwnRule:
    """Add a rule of the house, in force from now on. Raises HouseRuleRefused, NotAllowed.

    Rules intersect: what is added can only narrow what the law leaves, so nothing here ever loosens it.
    """
    actor.check(Permission.EDIT_SETTINGS)
    why = _why(reason)
    if kind == HouseKind.SWITCH:
        _check_switch(actor, str(params.get("rule", "")))
    else:
        _check_stricter(actor, _parsed(kind, params, why), as_of)
    rule: OwnRule = OwnRule.objects.create(
        organisation_id=actor.organisation_id, kind=kind, params=dict(params), reason=why, made_by=actor.label, made_at=now
    )  # fmt: skip
    _record(actor, "contact.own_rule.add", rule.pk, now, kind=kind, params=dict(params), reason=why)
    return rule


@transaction.atomic
def end_tightening(*, actor: Actor, rule_id: int, reason: str, now: datetime) -> OwnRuleEnd:
    """End a rule of the house; the law stays. Raises HouseRuleRefused, UnknownHouseRule, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    why = _why(reason)
    rule = OwnRule.objects.of(actor.organisation_id).select_for_update().filter(pk=rule_id).first()
    if rule is None or OwnRuleEnd.objects.of(actor.organisation_id).filter(rule=rule).exists():
        raise UnknownHouseRule(_("Esa regla de la casa no existe o ya terminó."))
    end: OwnRuleEnd = OwnRuleEnd.objects.create(
        organisation_id=actor.organisation_id, rule=rule, reason=why, ended_by=actor.label, ended_at=now
    )
    _record(actor, "contact.own_rule.end", rule.pk, now, kind=rule.kind, reason=why)
    return end


def _why(reason: str) -> str:
    if not reason.strip():
        raise HouseRuleRefused(_("Escribe por qué: queda con tu nombre y la fecha."))
    return reason.strip()[:_REASON]


def _parsed(kind: str, params: Mapping[str, Any], why: str) -> Rule:
    if kind not in HouseKind.values:
        raise HouseRuleRefused(_("Una regla de la casa es un horario, un tope o una norma opcional."))
    try:
        rule = rule_of(_DRAFT, kind, params, why)
    except MalformedRule as problem:
        raise HouseRuleRefused(
            _("No se entiende «%(field)s»: se encontró %(found)s.")
            % {"field": problem.field, "found": problem.found}
        ) from problem
    if isinstance(rule.params, FrequencyCap) and not 1 <= rule.params.period.length <= LONGEST:
        raise HouseRuleRefused(_("Un tope cuenta de 1 a %(most)s días.") % {"most": LONGEST})
    return rule


def _check_switch(actor: Actor, rule_id: str) -> None:
    optional = {
        rule.id
        for pack in shipped_rules().packs.values()
        for rule in pack.rules
        if rule.severity == "optional_strict"
    }
    if rule_id not in optional:
        raise HouseRuleRefused(_("Esa norma no es opcional: la ley ya la aplica, o no existe."))
    if rule_id in book_of(actor.organisation_id).switched_on:
        raise HouseRuleRefused(_("Esa norma ya está encendida."))


def _check_stricter(actor: Actor, rule: Rule, on: date) -> None:
    now = book_of(actor.organisation_id)
    before = _countrywide(now)
    after = replace(before, tightenings=(*before.tightenings, rule))
    for facts in _facts(actor):
        if _narrows(rule, policy_for(before, facts, on=on), policy_for(after, facts, on=on)):
            return
    raise HouseRuleRefused(
        _("No cambia nada: lo que ya rige es igual o más estricto. Una regla de la casa solo puede restar.")
    )


def _narrows(rule: Rule, before: ContactPolicy, after: ContactPolicy) -> bool:
    if isinstance(rule.params, FrequencyCap):
        return not any(_covers(cap.limit, rule.params) for cap in before.caps)
    return any(
        (hours.week, hours.closes_on_holidays)
        != (after.hours[channel].week, after.hours[channel].closes_on_holidays)
        for channel, hours in before.hours.items()
    )


def _covers(held: FrequencyCap, asked: FrequencyCap) -> bool:
    """Whether a cap that holds already withholds all that the other would."""
    is_plain = held.after_event is None and not held.excluded and not held.only_elsewhere and held.is_pooled
    return (
        is_plain
        and held.scope == "debtor"
        and held.unit in ("attempts", asked.unit)
        and set(held.channels) >= set(asked.channels)
        and held.maximum <= asked.maximum
        and held.period.span == "rolling_days"
        and held.period.length >= asked.period.length
    )


def _countrywide(book: RuleBook) -> RuleBook:
    """The book without the laws of regions: what narrows the rest of a country is no repetition of them."""
    packs = {
        code: replace(pack, rules=tuple(rule for rule in pack.rules if not rule.filters.regions))
        for code, pack in book.packs.items()
    }
    return replace(book, packs=packs)


def _facts(actor: Actor) -> list[CaseFacts]:
    """Those of each portfolio; while there is none, the house's country is all that is known."""
    home = access.organisation_of(actor).country
    told = [facts_of(row, country=row.country or home) for row in ledger.portfolios(actor)]
    return told or [CaseFacts(home)]


def _record(actor: Actor, verb: str, pk: int, now: datetime, **data: Any) -> None:
    audit.record(actor=actor, verb=verb, object_type="own_rule", object_id=pk, now=now, data=data)
