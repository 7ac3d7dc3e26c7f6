"""The parts of a collection plan: policies, offers, strategies, processes and reports, each the living thing by its key.

What has versions is pinned at the one that held when the plan was written (`b2b_invoices:3`), so that a plan tells later what
moved away from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aldia.outcomes import selectors as outcomes
from aldia.strategy.models import PolicyDocument, Strategy, StrategyVersion
from aldia.strategy.titles import titles

if TYPE_CHECKING:
    from aldia.access.actors import Actor

PARTS: Final[Mapping[str, str | Promise]] = {
    "policies": _("Políticas escritas"),
    "offers": _("Qué se puede ofrecer"),
    "strategies": _("Técnicas y estrategias"),
    "processes": _("Procesos"),
    "reports": _("Reportes e indicadores"),
}
PROCESSES: Final[Mapping[str, str | Promise]] = {
    "outcomes": _("Resultados de gestión"),
    "house_rules": _("Reglas de la casa"),
    "alarms": _("Alarmas"),
    "live": _("Lista de control"),
}
REPORTS: Final[Mapping[str, str | Promise]] = {
    "board": _("Tablero"),
    "work": _("Proceso"),
    "rolls": _("Rodamiento"),
    "people": _("Personas"),
    "targets": _("Objetivos"),
    "quality": _("Calidad"),
}


class UnknownPart(ValueError):
    """Raised when a plan names something that is not there; says what."""


@dataclass(frozen=True)
class Choice:
    """Something that a plan may name; `version` is the one that holds now, None for what has no versions."""

    key: str
    name: str
    version: int | None = None

    @property
    def pinned(self) -> str:
        """How a plan keeps it."""
        return self.key if self.version is None else f"{self.key}:{self.version}"


@dataclass(frozen=True)
class Named:
    """A part as a plan names it: the version that it was written with and the one of now; `is_gone` when it is no more."""

    key: str
    name: str
    version: int | None
    now: int | None
    is_gone: bool = False

    @property
    def has_moved(self) -> bool:
        """Whether there is a newer version than the plan's."""
        return self.version is not None and self.now is not None and self.now != self.version


@dataclass(frozen=True)
class PlanChange:
    """What differs between two versions of a plan, in words: `before` or `after` is empty for what came or went."""

    place: str | Promise
    before: str
    after: str


def choices(actor: Actor, *, on: date) -> dict[str, list[Choice]]:
    """Return what a plan may name, by part, each with the version that holds on a day."""
    policies: dict[str, Choice] = {}
    rows = PolicyDocument.objects.of(actor.organisation_id).filter(kind="policy", effective_on__lte=on)
    for row in rows.order_by("effective_on", "version"):
        policies[row.key] = Choice(row.key, row.title, row.version)
    return {
        "policies": sorted(policies.values(), key=lambda one: one.name),
        "offers": [Choice(row.key, row.name, row.number) for row in outcomes.negotiation_policies(actor)],
        "strategies": _strategies(actor.organisation_id),
        "processes": [Choice(key, str(name)) for key, name in PROCESSES.items()],
        "reports": [Choice(key, str(name)) for key, name in REPORTS.items()],
    }


def _strategies(organisation_id: int) -> list[Choice]:
    numbers: dict[int, int] = {}
    for version in StrategyVersion.objects.of(organisation_id).order_by("number"):
        numbers[version.strategy_id] = version.number
    names = titles(organisation_id)
    rows = Strategy.objects.of(organisation_id).filter(pk__in=numbers)
    found = [Choice(row.key, names[row.key], numbers[row.pk]) for row in rows]
    return sorted(found, key=lambda one: one.name)


def pinned(
    chosen: Mapping[str, Iterable[str]], known: Mapping[str, Iterable[Choice]]
) -> dict[str, list[str]]:
    """Return the chosen keys of each part with the version of now, in the order of the lists. Raises UnknownPart."""
    kept: dict[str, list[str]] = {}
    for part, keys in chosen.items():
        wanted = set(keys)
        found = [one for one in known.get(part, ()) if one.key in wanted]
        lost = wanted - {one.key for one in found}
        if part not in PARTS or lost:
            raise UnknownPart(f"{part}: {', '.join(sorted(lost))}")
        if found:
            kept[part] = [one.pinned for one in found]
    return kept


def named(plan: PolicyDocument, known: Mapping[str, Iterable[Choice]]) -> dict[str, list[Named]]:
    """Return the parts of a version of a plan, each with what it names and how that stands now."""
    return {
        part: [
            _named(text, {one.key: one for one in known.get(part, ())}) for text in plan.parts.get(part, ())
        ]
        for part in PARTS
    }


def _named(text: str, known: Mapping[str, Choice]) -> Named:
    key, _colon, number = text.partition(":")
    now = known.get(key)
    version = int(number) if number else None
    return Named(key, now.name if now else key, version, now.version if now else None, is_gone=now is None)


def changes(
    before: PolicyDocument, after: PolicyDocument, known: Mapping[str, Iterable[Choice]]
) -> list[PlanChange]:
    """Return what changed from one version of a policy or plan to another: its title, its text, its owner, its parts."""
    told: list[PlanChange] = [
        PlanChange(place, was, now)
        for place, was, now in (
            (_("Título"), before.title, after.title), (_("Texto"), before.body, after.body),
            (_("Responsable"), _owner(before), _owner(after)), (_("Cartera"), _portfolio(before), _portfolio(after)),
        )
        if was != now
    ]  # fmt: skip
    was_named, is_named = named(before, known), named(after, known)
    for part, title in PARTS.items():
        old, new = ({one.key: one for one in rows[part]} for rows in (was_named, is_named))
        told += [
            PlanChange(title, _said(old.get(key)), _said(new.get(key)))
            for key in dict.fromkeys([*old, *new])
            if _said(old.get(key)) != _said(new.get(key))
        ]
    return told


def _said(one: Named | None) -> str:
    if one is None:
        return ""
    return one.name if one.version is None else f"{one.name} v{one.version}"


def _owner(row: PolicyDocument) -> str:
    owner: Any = row.owner
    return str(owner.name) if owner else ""


def _portfolio(row: PolicyDocument) -> str:
    portfolio: Any = row.portfolio
    return str(portfolio.name) if portfolio else ""
