"""Strategies and their versions: drafts change, published versions never do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock, system
from aldia.access.permissions import Permission
from aldia.contact import services as contact_services
from aldia.engine.own_facts import own_told
from aldia.engine.strategy import Problem, StrategyInvalid
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.strategy.checking import checked, problems_of, steps_of
from aldia.strategy.models import Strategy, StrategyVersion
from aldia.strategy.selectors.strategies import asks_for_two
from aldia.strategy.shipped import DEFAULTS, shipped_documents

ALWAYS: Final = date(2000, 1, 1)
"""What ships with aldia holds on any day that an organisation lives, a simulated past included."""


class UnknownStrategy(LookupError):
    """There is no such strategy in this organisation."""


@transaction.atomic
def ensure_catalogue(*, organisation_id: int, now: datetime) -> int:
    """Give an organisation its first two strategies, each published as version 1; return how many were missing.

    Their notices need the shipped texts, which are given too. Raises StrategyInvalid.
    """
    known = set(Strategy.objects.of(organisation_id).values_list("key", flat=True))
    missing = [key for key in DEFAULTS if key not in known]
    for key in missing:
        _take(system(organisation_id), key, effective_on=ALWAYS, now=now)
    return len(missing)


@transaction.atomic
def adopt(*, actor: Actor, key: str, clock: Clock) -> Strategy:
    """Return a strategy of aldia's catalogue, now the organisation's own and published as version 1, in force from today.

    Raises UnknownStrategy when the catalogue has none of that key, StrategyInvalid when the organisation has it, NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    if key not in shipped_documents():
        raise UnknownStrategy(_("Esa estrategia no está en el catálogo."))
    if Strategy.objects.of(actor.organisation_id).filter(key=key).exists():
        raise StrategyInvalid((Problem(("key",), "taken_key", {"found": key}),))
    row = _take(actor, key, effective_on=clock.as_of, now=clock.now)
    _record(actor, "strategy.strategy.create", row, clock.now)
    return row


def _take(actor: Actor, key: str, *, effective_on: date, now: datetime) -> Strategy:
    """The shipped texts come first: its notices need them."""
    contact_services.ensure_templates(organisation_id=actor.organisation_id, now=now)
    document = shipped_documents()[key]
    row = _drafted(actor, checked(actor.organisation_id, document), document)
    _add_version(actor, row, document, effective_on=effective_on, now=now, note=_("Viene con aldia"))
    return row


@transaction.atomic
def create_strategy(*, actor: Actor, document: dict[str, Any], clock: Clock) -> Strategy:
    """Return a new strategy whose draft is the document; nothing uses it until it is published.

    Raises StrategyInvalid (also for a key that is taken), NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    value = checked(actor.organisation_id, document)
    if Strategy.objects.of(actor.organisation_id).filter(key=value.key).exists():
        raise StrategyInvalid((Problem(("key",), "taken_key", {"found": value.key}),))
    row = _drafted(actor, value, document)
    _record(actor, "strategy.strategy.create", row, clock.now)
    return row


def _drafted(actor: Actor, value: StrategyValue, document: dict[str, Any]) -> Strategy:
    row: Strategy = Strategy.objects.create(
        organisation_id=actor.organisation_id, key=value.key, name=value.name.es, draft=document, owner_id=actor.user_id
    )  # fmt: skip
    return row


@transaction.atomic
def save_draft(
    *, actor: Actor, strategy_id: int, document: dict[str, Any], now: datetime
) -> tuple[Problem, ...]:
    """Keep a draft, whatever it says, and return its problems. Raises UnknownStrategy, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    row = _locked(actor, strategy_id)
    row.draft = document
    row.save(update_fields=["draft"])
    _record(actor, "strategy.strategy.draft", row, now)
    return problems_of(actor.organisation_id, document, key=row.key)


@transaction.atomic
def set_condition(*, actor: Actor, strategy_key: str, step: str, rule: str, now: datetime) -> None:
    """Write the condition of one step in the draft; `TRUE` leaves the step without one. Raises UnknownStrategy, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    found = (
        Strategy.objects.of(actor.organisation_id)
        .filter(key=strategy_key)
        .values_list("pk", flat=True)
        .first()
    )
    row = _locked(actor, found or 0)
    for raw in steps_of(row.draft):
        if raw.get("key") == step:
            raw.pop("condition", None)
            raw |= {} if rule == "TRUE" else {"condition": rule}
    row.save(update_fields=["draft"])
    _record(actor, "strategy.strategy.draft", row, now, step=step, rule=rule)


class NeedsAnother(Exception):
    """The organisation asks for two persons, and who proposed a version may not publish it too."""


@transaction.atomic
def propose(*, actor: Actor, strategy_id: int, document: dict[str, Any], clock: Clock) -> Strategy:
    """Leave a draft for somebody else to publish; a later proposal takes its place.

    Raises StrategyInvalid with every problem, UnknownStrategy, NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    row = _locked(actor, strategy_id)
    checked(actor.organisation_id, document, key=row.key)
    row.draft = row.proposed = document
    row.proposed_by_id = actor.user_id
    row.save(update_fields=["draft", "proposed", "proposed_by"])
    _record(actor, "strategy.strategy.propose", row, clock.now)
    return row


@transaction.atomic
def publish(
    *,
    actor: Actor,
    strategy_id: int,
    document: dict[str, Any],
    note: str,
    clock: Clock,
    effective_on: date | None = None,
) -> StrategyVersion:
    """Return the document published as the next version, in force from `effective_on` (the business day when not given).

    What was taken stays taken: steps are known by their keys. The same document again is the same version.
    Where the house asks for two persons, only what somebody else proposed is published.
    Raises StrategyInvalid with every problem, NeedsAnother, UnknownStrategy, NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    row = _locked(actor, strategy_id)
    if asks_for_two(actor) and (row.proposed != document or row.proposed_by_id == actor.user_id):
        raise NeedsAnother(_("Tu organización pide dos personas: quien propone una versión no la publica."))
    value = checked(actor.organisation_id, document, key=row.key)
    document = {name: told for name, told in document.items() if name not in ("segments", "facts")}
    if value.segments:
        document["segments"] = dict(value.segments)
    if value.own:
        document["facts"] = own_told(value.own)
    latest = (
        StrategyVersion.objects.of(actor.organisation_id)
        .filter(strategy_id=row.pk)
        .order_by("-number")
        .first()
    )
    if latest is not None and _text(latest.document) == _text(document):
        return latest
    row.draft, row.name, row.proposed, row.proposed_by_id = document, value.name.es, None, None
    row.save(update_fields=["draft", "name", "proposed", "proposed_by"])
    version = _add_version(
        actor, row, document, effective_on=effective_on or clock.as_of, now=clock.now, note=note
    )
    _record(actor, "strategy.strategy.publish", row, clock.now, version=version.number, note=note)
    return version


def _add_version(
    actor: Actor, row: Strategy, document: dict[str, Any], *, effective_on: date, now: datetime, note: str
) -> StrategyVersion:
    latest = (
        StrategyVersion.objects.of(row.organisation_id).filter(strategy_id=row.pk).order_by("-number").first()
    )
    number = latest.number + 1 if latest else 1
    version: StrategyVersion = StrategyVersion.objects.create(
        organisation_id=row.organisation_id, strategy_id=row.pk, number=number, document={**document, "version": number},
        effective_on=effective_on, published_by=actor.label, published_at=now, note=note[:300],
    )  # fmt: skip
    return version


def _text(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "version"}


def _locked(actor: Actor, strategy_id: int) -> Strategy:
    rows = Strategy.objects.of(actor.organisation_id).select_for_update(of=("self",))
    row: Strategy | None = rows.filter(pk=strategy_id).first()
    if row is None:
        raise UnknownStrategy(_("Esa estrategia no existe en esta organización."))
    return row


def _record(actor: Actor, verb: str, row: Strategy, now: datetime, **data: Any) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="strategy",
        object_id=row.pk,
        now=now,
        data={"key": row.key, **data},
    )
