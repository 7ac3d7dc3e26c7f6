"""Reads of calls for screens: the one that somebody is in, those of a case, the line that a person has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aldia.access.actors import Actor
from aldia.contact.calls import recordings
from aldia.contact.calls.lines import Line, line_of
from aldia.contact.calls.models import PhoneCall, Recording
from aldia.db.prepared import prepared

__all__ = ["Line", "UnknownCall", "call", "calls_of_case", "extensions", "heard_by", "last_untold", "line_of"]


class UnknownCall(LookupError):
    """Raised when there is no such call of that person, or it is over."""


def call(actor: Actor, call_id: int) -> PhoneCall:
    """Return a call of that person. Raises UnknownCall."""
    rows = PhoneCall.objects.of(actor.organisation_id).filter(pk=call_id, user_id=actor.user_id)
    found: PhoneCall | None = rows.first()
    if found is None:
        raise UnknownCall(str(call_id))
    return found


def calls_of_case(actor: Actor, case_id: int) -> list[PhoneCall]:
    """Return the calls about a case, the newest first."""
    return list(_calls_of_case(actor.organisation_id, case_id))


@prepared
def _calls_of_case(organisation_id: int, case_id: int) -> Any:
    return PhoneCall.objects.of(organisation_id).filter(case_id=case_id).order_by("-pk")[:1000]


def last_untold(actor: Actor, case_id: int) -> PhoneCall | None:
    """Return the last call of a person about a case while its outcome is not saved."""
    if actor.user_id is None:
        return None
    last = next(iter(_last(actor.organisation_id, case_id, actor.user_id)), None)
    return last if last is not None and last.outcome_id is None else None


@prepared
def _last(organisation_id: int, case_id: int, user_id: int) -> Any:
    rows = PhoneCall.objects.of(organisation_id).filter(case_id=case_id, user_id=user_id)
    return rows.select_related("order").order_by("-pk")[:1]


def heard_by(actor: Actor, calls: list[PhoneCall]) -> dict[int, Recording]:
    """Return the recordings of these calls that the actor may hear, by call; those that were deleted are not among them."""
    ids = [each.pk for each in calls if each.noticed_at and recordings.may_hear(actor, each.user_id)]
    if not ids:
        return {}
    rows = Recording.objects.of(actor.organisation_id).filter(call_id__in=ids, deleted_at__isnull=True)
    return {row.call_id: row for row in rows}


def extensions(actor: Actor) -> Mapping[str, str]:
    """Return the extension of each person, by the text of their key."""
    setting = line_of(actor).setting
    found: Mapping[str, str] = setting.config.get("extensions", {}) if setting else {}
    return found
