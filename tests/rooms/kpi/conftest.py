"""The payments' small portfolio, and a short way to keep the figures of days."""

from datetime import date, timedelta

from aldia.domain.periods import Period
from aldia.kpi import selectors as kpi
from aldia.kpi import services
from tests.beginnings import beginning
from tests.rooms.payments.conftest import NOW, Desk, make_desk


def measured_desk() -> Desk:
    return make_desk("medida")


desk = beginning(measured_desk)


def keep(desk: Desk, first: str, last: str) -> None:
    """Keep the figures of every day from the first to the last."""
    services.rebuild(
        actor=desk.book.actor,
        from_on=date.fromisoformat(first),
        to_on=date.fromisoformat(last) + timedelta(days=1),
        now=NOW,
    )


def query(first: str, last: str) -> kpi.DashboardQuery:
    return kpi.DashboardQuery(Period.through(date.fromisoformat(first), date.fromisoformat(last)), "USD")
