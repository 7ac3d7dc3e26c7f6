"""A clock that jumps back would open windows twice and count caps anew: sending waits until the clock has caught up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import system

TOLERATED: Final = timedelta(seconds=5)  # what a time server corrects every day


@dataclass
class ClockWatch:
    """The latest instant that this worker has seen."""

    latest: datetime | None = None

    def may_go_on(self, now: datetime) -> bool:
        """Return False while `now` lies before an instant already lived; administrators are told once a day."""
        if self.latest is None or now >= self.latest - TOLERATED:
            self.latest = max(now, self.latest or now)
            return True
        _tell_administrators(now, until=self.latest)
        return False


def _tell_administrators(now: datetime, *, until: datetime) -> None:
    body = gettext_lazy(
        "Eran las %(latest)s UTC y ahora dice %(now)s. Los envíos siguen solos cuando alcance esa hora."
    )
    facts = {"latest": f"{until:%d/%m %H:%M}", "now": f"{now:%d/%m %H:%M}"}
    for house in access.organisations():
        actor = system(house.pk)
        people = [row.user_id for row in access.members(actor) if row.role == "ADMINISTRATOR"]
        news = access_services.News(
            "clock",
            gettext_lazy("El reloj del equipo retrocedió: no se envía nada"),
            f"clock:{until:%Y-%m-%d}",
            body,
            facts=facts,
        )
        access_services.notify(actor=actor, user_ids=people, news=news, now=now)
