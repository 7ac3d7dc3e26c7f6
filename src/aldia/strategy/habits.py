"""The four habits of who collects well: a review every day, attention by amount and age, staff who answer for each case, and a
plan for each kind of debt. How each stands, and what its switch would change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.cases.rules import attention_rule
from aldia.cases.services.assigning import SETTING as ASSIGNMENT
from aldia.cases.services.assigning import WORKING_ROLES
from aldia.domain.attention import DEFAULT_RULE, AttentionRule
from aldia.ledger import selectors as ledger
from aldia.strategy.night.in_use import night_plan
from aldia.strategy.shipped import shipped_documents, suited_key
from aldia.strategy.titles import title_of, titles

if TYPE_CHECKING:
    from aldia.access.models import Membership
    from aldia.ledger.models import Portfolio

REVIEW, ATTENTIVE, STAFF, PLAN = "review", "attention", "staff", "plan"
_COMPARED: Final = 200
_SHOWN: Final = 5


@dataclass(frozen=True)
class Change:
    """What a switch changes: of what, how it is now and how it would be."""

    what: str
    now: str
    then: str


@dataclass(frozen=True)
class Habit:
    """One habit: whether it is on, and what its switch would change, nothing when it would change nothing."""

    key: str
    is_on: bool
    changes: tuple[Change, ...]


def habits(actor: Actor, *, as_of: date) -> list[Habit]:
    """Return the four habits in order. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    portfolios = list(ledger.portfolios(actor))
    return [
        _review(actor),
        _attention(actor, portfolios, as_of),
        _staff(actor, portfolios, as_of),
        _plan(actor, portfolios, as_of),
    ]


def working_members(actor: Actor) -> list[Membership]:
    """Return the active members who work cases or lead who does."""
    return [row for row in access.members(actor) if row.role in WORKING_ROLES]


def with_age(rule: AttentionRule, *, is_on: bool) -> AttentionRule:
    """Return the rule of a portfolio with the habit on, where age weighs, or off, where the amount alone does."""
    percent = (rule.age_percent or DEFAULT_RULE.age_percent) if is_on else 0
    return replace(rule, age_percent=percent)


def _review(actor: Actor) -> Habit:
    members = working_members(actor)
    told = [row for row in members if row.has_digest]
    is_on = bool(members) and len(told) == len(members)
    then = [] if is_on else members
    changes = (Change(_("Reciben el resumen de la mañana"), _names(told), _names(then)),) if members else ()
    return Habit(REVIEW, is_on, changes)


def _attention(actor: Actor, portfolios: Iterable[Portfolio], as_of: date) -> Habit:
    """The first of the list, as the attention of each orders them now and as it would."""
    now = {row.pk: attention_rule(row) for row in portfolios}
    is_on = all(rule.age_percent > 0 for rule in now.values())
    then = {pk: with_age(rule, is_on=not is_on) for pk, rule in now.items()}
    found = [
        row
        for sort in ("priority", "overdue")
        for row in cases.case_list(actor, cases.CaseQuery(as_of=as_of, sort=sort, limit=_COMPARED)).rows
    ]
    rows = {row.case_id: row for row in found if row.overdue_minor > 0}.values()
    orders = [
        sorted(
            rows, key=lambda row: (-rules[row.portfolio_id].share_of(row.overdue_minor, row.dpd), row.case_id)
        )
        for rules in (now, then)
    ]
    changes = (
        Change(_("Lugar %(place)s de la lista") % {"place": place}, before.name, after.name)
        for place, (before, after) in enumerate(
            zip(*(order[:_SHOWN] for order in orders), strict=True), start=1
        )
        if before.case_id != after.case_id
    )
    return Habit(ATTENTIVE, is_on, tuple(changes))


def _staff(actor: Actor, portfolios: Iterable[Portfolio], as_of: date) -> Habit:
    rows = list(portfolios)
    is_on = all(row.settings.get(ASSIGNMENT, {}).get("is_on", True) for row in rows)
    nobodys = cases.CaseFilter(holder="none", is_overdue=True)
    count = cases.case_list(actor, cases.CaseQuery(as_of=as_of, filter=nobodys, limit=1)).count
    who = _names(row for row in working_members(actor) if row.role == "COLLECTOR")
    shared = _("se reparten cada noche entre %(who)s") % {"who": who}
    alone = _("quedan sin responsable")
    now, then = (shared, alone) if is_on else (alone, shared)
    return Habit(
        STAFF, is_on, (Change(_("%(count)s clientes en mora sin responsable") % {"count": count}, now, then),)
    )


def _plan(actor: Actor, portfolios: Iterable[Portfolio], as_of: date) -> Habit:
    rows = list(portfolios)
    plan = night_plan(actor.organisation_id, as_of=as_of)
    used = {pk: one.strategy.key for one in plan.strategies for pk in one.portfolio_ids}
    is_on = all(row.pk in used for row in rows)
    names = {key: title_of(document, key) for key, document in shipped_documents().items()}
    names |= titles(actor.organisation_id)
    changes = []
    for row in rows:
        now = names.get(used.get(row.pk, ""), "") or _("ninguna estrategia")
        suited = suited_key(debt_kind=row.debt_kind, debtor_kind=row.debtor_kind)
        then = _("ninguna estrategia") if is_on else names.get(used.get(row.pk, suited), suited)
        if now != then:
            changes.append(Change(row.name, now, then))
    return Habit(PLAN, is_on, tuple(changes))


def _names(rows: Iterable[Membership]) -> str:
    names = [row.user.name for row in rows]
    if not names:
        return _("nadie")
    rest = len(names) - 4
    shown = ", ".join(names[:4])
    return _("%(names)s y %(count)s más") % {"names": shown, "count": rest} if rest > 0 else shown
