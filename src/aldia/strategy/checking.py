"""A draft before it is published: what the engine tells, and what only this organisation's texts, segments and laws can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.contact import selectors as contact
from aldia.domain.compliance.gate import day_windows
from aldia.domain.compliance.notices import notice_needs
from aldia.domain.compliance.policy import ContactPolicy
from aldia.engine.strategy import HOLDERS, Assignment, Call, Notice, Place, Problem, Step, StrategyInvalid
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.engine.strategy_checks import place_of, warnings_of
from aldia.engine.strategy_reading import load_strategy
from aldia.outcomes import selectors as outcomes
from aldia.strategy.lab.effort import effort_of
from aldia.strategy.models import Segment
from aldia.strategy.own_facts import own_facts
from aldia.strategy.selectors.lawful import policies_of

_STAGE_LENGTH: Final = 40


def segment_rules(organisation_id: int) -> dict[str, str]:
    """Return the rules of the saved segments by key."""
    return dict(Segment.objects.of(organisation_id).values_list("key", "rule"))


def steps_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a draft as they are written; what is no step is passed over."""
    stages = document.get("stages")
    groups = [document, *(stages if isinstance(stages, list) else [])]
    for group in groups:
        found = group.get("always" if group is document else "steps") if isinstance(group, Mapping) else None
        yield from (step for step in found if isinstance(step, dict)) if isinstance(found, list) else ()


def checked(organisation_id: int, document: Mapping[str, Any], *, key: str | None = None) -> StrategyValue:
    """Return the draft as a value, with the segments of today. Raises StrategyInvalid with every problem.

    With `key`, the document may have no other: a strategy keeps its own.
    """
    value = load_strategy(
        document,
        templates=contact.template_keys(organisation_id),
        segments=segment_rules(organisation_id),
        own=own_facts(organisation_id),
    )
    problems = [
        Problem(
            ("stages", number, "key"), "long_stage_key", {"found": len(stage.key), "limit": _STAGE_LENGTH}
        )
        for number, stage in enumerate(value.stages)
        if len(stage.key) > _STAGE_LENGTH
    ]
    problems += _unknown_holders(organisation_id, value)
    problems += _unknown_offers(organisation_id, value)
    if key is not None and value.key != key:
        problems.append(Problem(("key",), "other_key", {"found": value.key, "wanted": key}))
    if problems:
        raise StrategyInvalid(tuple(problems))
    return value


def problems_of(
    organisation_id: int, document: Mapping[str, Any], *, key: str | None = None
) -> tuple[Problem, ...]:
    """Return what keeps a draft from being published; nothing when it may be."""
    try:
        checked(organisation_id, document, key=key)
    except StrategyInvalid as refusal:
        return refusal.problems
    return ()


def doubts_of(organisation_id: int, value: StrategyValue, *, on: date) -> tuple[Problem, ...]:
    """Return what its author should look at before publishing; it may be published all the same."""
    return (
        *warnings_of(value),
        *_without_text(organisation_id, value),
        *_closed_by_law(organisation_id, value, on),
        *_unheard(organisation_id, value),
        *_too_dear(organisation_id, value),
    )


def _notices(value: StrategyValue) -> Iterator[tuple[Step, Notice, Place]]:
    for step in value.steps:
        if isinstance(step.action, Notice):
            yield step, step.action, (*place_of(value, step.key), "action", "channels")


def _without_text(organisation_id: int, value: StrategyValue) -> Iterator[Problem]:
    texts = contact.published_texts(organisation_id)
    for _step, notice, place in _notices(value):
        for channel in notice.channels:
            if (notice.template, channel) not in texts:
                yield Problem(
                    place, "channel_without_template", {"template": notice.template, "channel": channel}
                )


def _closed_by_law(organisation_id: int, value: StrategyValue, on: date) -> Iterator[Problem]:
    """Channels that the law of a portfolio of this strategy closes on all seven days, and reports that come too soon."""
    for facts, _names, policy in policies_of(organisation_id, value.key, on):
        for _step, notice, place in _notices(value):
            for channel in notice.channels:
                if not any(
                    day_windows(policy, channel, on + timedelta(days=ahead), False) for ahead in range(7)
                ):
                    yield Problem(place, "law_closes", {"country": facts.country or "?", "channel": channel})
            if notice.kind == "bureau":
                yield from _too_soon(policy, notice, place, on)


def _too_soon(policy: ContactPolicy, notice: Notice, place: Place, on: date) -> Iterator[Problem]:
    """A report to the credit bureau earlier than the law allows after its notice."""
    planned = on + timedelta(days=notice.days)
    needs = notice_needs(policy, "bureau_report", planned_on=planned, sent_on=[on], debt_in_units={})
    for need in needs:
        if need.ready_on is not None:
            told = {"rule": need.rule_id, "days": (need.ready_on - on).days}
            yield Problem((*place[:-1], "days"), "bureau_wait", told)
        elif need.code == "notice":
            yield Problem((*place[:-1], "days"), "bureau_notice", {"rule": need.rule_id, "days": need.detail})


def holders_of(organisation_id: int) -> dict[str, tuple[int | None, int | None]]:
    """Return whom a case may be given to, as steps write it (`agency:norte`): the user and the team."""
    actor = system(organisation_id)
    people = {f"person:{row.user.email}": (row.user_id, row.team_id) for row in access.members(actor)}
    teams = access.teams(actor)
    return people | {
        f"{to}:{team.key}": (None, team.pk) for to in HOLDERS if to != "person" for team in teams
    }


def _unknown_holders(organisation_id: int, value: StrategyValue) -> Iterator[Problem]:
    steps = [step for step in value.steps if isinstance(step.action, Assignment)]
    known = holders_of(organisation_id) if steps else {}
    for step in steps:
        to, _colon, holder = str(step.target).partition(":")
        if step.target not in known:
            options = sorted(key.partition(":")[2] for key in known if key.startswith(f"{to}:"))
            place = (*place_of(value, step.key), "action", "holder")
            yield Problem(place, "unknown_holder", {"found": holder, "options": options})


def _unknown_offers(organisation_id: int, value: StrategyValue) -> Iterator[Problem]:
    """An offer names a policy of negotiation that is active: without it nobody would know what may be given."""
    offers = [(step, notice) for step, notice, _place in _notices(value) if notice.policy]
    known = (
        {row.key for row in outcomes.negotiation_policies(system(organisation_id)) if row.is_active}
        if offers
        else set()
    )
    for step, notice in offers:
        if notice.policy not in known:
            place = (*place_of(value, step.key), "action", "policy")
            told = {"found": notice.policy, "options": sorted(known) or ["–"]}
            yield Problem(place, "unknown_offer", told)


def _unheard(organisation_id: int, value: StrategyValue) -> Iterator[Problem]:
    """What is told to a system outside waits while nobody has said where."""
    calls = [step for step in value.steps if isinstance(step.action, Call)]
    if calls and not contact.has_webhook(organisation_id):
        for step in calls:
            yield Problem((*place_of(value, step.key), "action"), "no_webhook")


def _too_dear(organisation_id: int, value: StrategyValue) -> Iterator[Problem]:
    """All the messages that one client could get, each by its dearest channel, against the ceiling of the strategy."""
    if value.cost_ceiling is None:
        return
    prices = effort_of(system(organisation_id)).per_thousand_minor
    notices = list(_notices(value))
    for _step, notice, place in notices:
        for channel in notice.channels:
            if channel not in prices:
                yield Problem(place, "no_price", {"channel": channel})
    dearest = [
        max(prices.get(channel, 0) for channel in notice.channels) * step.attempts
        for step, notice, _place in notices
    ]
    cost = -(-sum(dearest) // 1000)
    if cost > value.cost_ceiling:
        yield Problem(("cost_ceiling",), "over_ceiling", {"found": cost, "ceiling": value.cost_ceiling})
