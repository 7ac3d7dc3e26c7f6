"""Forms that post money or make things are done once: the key that the page gave each of them is kept with what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db import IntegrityError, transaction

from aldia.access.actors import Actor
from aldia.access.models import SentForm

LONGEST: Final = 40
REMEMBERED: Final = timedelta(days=30)
Answer = TypeVar("Answer")


class SentBefore(Exception):
    """Raised when a form comes again after it was done; `led_to` is where it led, empty when it stayed where it was."""

    def __init__(self, led_to: str) -> None:
        super().__init__(led_to)
        self.led_to = led_to


def send_once(
    *,
    actor: Actor,
    key: str,
    now: datetime,
    act: Callable[[], Answer],
    led_to: Callable[[Answer], str | None],
) -> Answer:
    """Return what `act` answers, its key kept in the same transaction when `led_to` says that it was done (None: refused, the same
    form may come again). Whoever sends it twice at once waits here for the first. Raises SentBefore.
    """
    assert actor.user_id is not None, "only who signed in sends forms"
    mine = SentForm.objects.of(actor.organisation_id).filter(user_id=actor.user_id)
    key = key[:LONGEST]
    try:
        with transaction.atomic():
            mine.filter(sent_at__lt=now - REMEMBERED).delete()
            if known := mine.filter(key=key).first():
                raise SentBefore(known.led_to)
            row = SentForm(organisation_id=actor.organisation_id, user_id=actor.user_id, key=key, sent_at=now)
            _take(row)
            answer = act()
            if (address := led_to(answer)) is None:
                row.delete()
            else:
                mine.filter(pk=row.pk).update(led_to=address[:500])
            return answer
    except _Taken:  # another came with the same key, and has finished
        known = mine.filter(key=key).first()
        raise SentBefore(known.led_to if known else "") from None


class _Taken(Exception):
    """The key was taken while this one waited."""


def _take(row: SentForm) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as taken:
        raise _Taken from taken
