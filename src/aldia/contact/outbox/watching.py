"""Between the halves: what was claimed leaves only while what it stands on is as it was, asked again before each message."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from aldia.access import selectors as access
from aldia.contact import composing, law, recheck
from aldia.contact.outbox import brakes, health
from aldia.db import changes
from aldia.db.memory import remembering

if TYPE_CHECKING:
    from aldia.contact.outbox.claiming import Batch, Claimed

PATIENCE: Final = 5.0
"""Seconds from the claim to the last message of its batch: the hour of the law was asked at the claim."""


class Watch:
    """A payment, a dispute, a word to stop or a pause committed after the claim is seen here, and the order goes back."""

    def __init__(self, batch: Batch) -> None:
        self._batch, self._begun = batch, monotonic()
        self._mark, self._changed = batch.mark, set[int]()
        self._left: list[Claimed] = list(batch.claimed)

    def lets(self, claimed: Claimed) -> bool:
        """Return whether the order may be handed over this very moment. Ask for each once, in the order of the batch."""
        if monotonic() - self._begun > PATIENCE:
            return False
        mark = changes.mark(shows_own=False)  # before what it speaks for is read
        if mark != self._mark:
            self._mark = mark
            self._look_again()
        self._left.remove(claimed)
        return claimed.order.pk not in self._changed

    def is_still(self) -> bool:
        """Return whether nothing was committed since the last look."""
        return changes.mark(shows_own=False) == self._mark

    def passes_over(self) -> None:
        """What was written since `is_still` is no reason to look again, where nobody else can have written in between."""
        if changes.nobody_else_commits():
            self._mark = changes.mark(shows_own=False)

    def _look_again(self) -> None:
        """Read all that the rest of the batch stands on, together."""
        organisation, now = self._batch.organisation, self._batch.business_now
        with remembering():
            is_paused = access.is_paused(organisation.pk)
            orders = [each.order for each in self._left]
            law.read_ahead(organisation.pk, orders, before=now, as_of=composing.local_day(organisation, now))
            self._changed |= {
                each.order.pk for each in self._left
                if is_paused or _is_stopped(each) or recheck.grounds(each.order, as_of=each.local_on) != each.grounds
            }  # fmt: skip


def _is_stopped(claimed: Claimed) -> bool:
    return brakes.is_paused(claimed.order) or health.is_paused(claimed.order)
