"""Learning the organisation's score again, and keeping it as plain data."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from aldia.access import audit
from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.permissions import Permission
from aldia.strategy.scores import SETTING, learn


@transaction.atomic
def learn_score(*, actor: Actor, clock: Clock) -> dict[str, Any]:
    """Learn from the organisation's history and use it from now on; return how good it is. Raises TooThin, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    learnt = learn(actor.organisation_id, as_of=clock.as_of)
    kept = {SETTING: {"card": learnt.card.to_json(), "told": dict(learnt.told)}}
    access.change_settings(actor=system(actor.organisation_id), now=clock.now, settings=kept)
    told = {name: learnt.told.get(name) for name in ("learnt_from", "rate", "drift")}
    audit.record(
        actor=actor, verb="strategy.score.learn", object_type="organisation", object_id=actor.organisation_id, now=clock.now,
        data=told,
    )  # fmt: skip
    return dict(learnt.told)
