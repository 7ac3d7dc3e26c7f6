"""The rules of the house as people read them: what each says, who made it, when, why, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from aldia.access.actors import Actor
from aldia.contact.house.book import name_of, rule_of
from aldia.contact.house.models import HouseKind, OwnRule, OwnRuleEnd
from aldia.contact.rulepacks import shipped_rules
from aldia.domain.compliance.packs import Rule


@dataclass(frozen=True)
class HouseRule:
    """A rule of the house and, when it no longer holds, its end."""

    row: OwnRule
    name: str
    says: str
    end: OwnRuleEnd | None


def house_rules(actor: Actor, *, language: str) -> list[HouseRule]:
    """Return every rule that the organisation ever added, those in force first, the newest first."""
    rows = OwnRule.objects.of(actor.organisation_id).select_related("end").order_by("-pk")
    told = [HouseRule(row, name_of(row.pk), _says(row, language), getattr(row, "end", None)) for row in rows]
    return sorted(told, key=lambda each: each.end is not None)


def made_rules(organisation_id: int) -> list[Rule]:
    """Return the windows and caps that an organisation ever added, ended or not, for the proofs that name them."""
    rows = OwnRule.objects.of(organisation_id).exclude(kind=HouseKind.SWITCH).order_by("pk")
    return [rule_of(name_of(row.pk), row.kind, row.params, row.reason) for row in rows]


def optional_rules(country: str) -> list[Rule]:
    """Return the strict readings of a country that hold only where an organisation switches them on."""
    pack = shipped_rules().packs.get(country)
    return [rule for rule in pack.rules if rule.severity == "optional_strict"] if pack else []


def _says(row: OwnRule, language: str) -> str:
    if row.kind != HouseKind.SWITCH:
        rule = rule_of(name_of(row.pk), row.kind, row.params, row.reason)
    else:
        named = str(row.params["rule"])
        packs = shipped_rules().packs.values()
        found = next((rule for pack in packs for rule in pack.rules if rule.id == named), None)
        if found is None:
            return named  # the packs no longer have it
        rule = found
    return rule.summary.of(language) if rule.summary else rule.id
