"""What is told to people: the bell, and the digest of the morning."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from aldia.access import selectors
from aldia.access.actors import Actor
from aldia.access.models import (
    Membership,
    Notification,
    User,
)
from aldia.access.permissions import Permission
from aldia.access.phrases import Phrase, phrase, say

Text: TypeAlias = str | Promise | tuple[Phrase, ...]

LAST_HOUR = 23

LONGEST_TITLE = 200


@dataclass(frozen=True)
class News:
    """One line for somebody's bell; `key` says when two are the same news.

    A lazy title or body is said in each reader's language, with the facts put in; so are phrases. A plain text is told as it is.
    """

    kind: str
    title: Text
    key: str
    body: Text = ""
    url: str = ""
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def said(self, language: str) -> dict[str, Any]:
        """Return the columns of the line, in a language, and what says them again in any other."""
        told = {name: self._phrases(text) for name, text in (("title", self.title), ("body", self.body))}
        with override(language):
            title, body = (
                one if isinstance(one, str) else say(one, Notification.GLUES[name])
                for name, one in told.items()
            )
        return {
            "kind": self.kind, "key": self.key, "url": self.url, "title": title[:LONGEST_TITLE], "body": body,
            "phrases": {
                name: [phrase.kept() for phrase in one] for name, one in told.items() if not isinstance(one, str)
            },
        }  # fmt: skip

    def _phrases(self, text: Text) -> str | tuple[Phrase, ...]:
        return (phrase(text, self.facts),) if isinstance(text, Promise) else text


def notify(*, actor: Actor, user_ids: Iterable[int], news: News, now: datetime) -> int:
    """Put one line under the bell of each user; the same key is told once. Return how many were new."""
    told = Notification.objects.of(actor.organisation_id).filter(key=news.key)
    before = told.count()
    readers = User.objects.filter(pk__in=set(user_ids)).values_list("pk", "language")
    Notification.objects.bulk_create(
        [
            Notification(
                organisation_id=actor.organisation_id, user_id=user_id, created_at=now, **news.said(language)
            )
            for user_id, language in readers
        ],
        ignore_conflicts=True,
    )
    return told.count() - before


def take_digests(*, actor: Actor, as_of: date, hour: int) -> list[Membership]:
    """Return the members to be told the digest of that day now, each once: the next call has none of them.

    Call it in the transaction that tells them.
    """
    rows = Membership.objects.of(actor.organisation_id).select_for_update(of=("self",))
    due = selectors.digests_due(actor, as_of=as_of, hour=hour, among=rows)
    Membership.objects.of(actor.organisation_id).filter(pk__in=[one.pk for one in due]).update(
        digest_on=as_of
    )
    return due


def set_digest(*, actor: Actor, is_on: bool, hour: int) -> None:
    """Keep whether and at what hour of the organisation's day the actor wants the digest. Raises ValueError."""
    if not 0 <= hour <= LAST_HOUR:
        raise ValueError(_("La hora va de 0 a 23."))
    rows = Membership.objects.of(actor.organisation_id).filter(user_id=actor.user_id)
    rows.update(has_digest=is_on, digest_hour=hour)


def switch_digests(*, actor: Actor, user_ids: Iterable[int], is_on: bool) -> int:
    """Turn the digest of the morning on or off for some members; return how many changed. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    rows = Membership.objects.of(actor.organisation_id).filter(
        user_id__in=list(user_ids), has_digest=not is_on
    )
    return int(rows.update(has_digest=is_on))


def read_notifications(*, actor: Actor, now: datetime) -> int:
    """Mark everything under the actor's bell as read; return how many."""
    rows = Notification.objects.of(actor.organisation_id).filter(user_id=actor.user_id, read_at=None)
    return int(rows.update(read_at=now))
