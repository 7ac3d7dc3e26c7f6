"""The digest of the morning: told once a day to each person, about what that person may see."""

import pytest

from aldia.access import selectors as access
from aldia.kpi import services
from tests.web.desk.seed import NOW, TODAY, make_desk

pytestmark = pytest.mark.django_db


@pytest.mark.covers("S2-13")
def test_the_digest_is_told_once_a_day_by_role() -> None:
    desk = make_desk()
    told = services.send_digest(actor=desk.system, as_of=TODAY, now=NOW)
    assert told > 0
    assert services.send_digest(actor=desk.system, as_of=TODAY, now=NOW) == 0
    supervisor = [row for row in access.notifications(desk.actors["supervisor"]) if row.kind == "digest"]
    assert len(supervisor) == 1
    assert supervisor[0].title.startswith("Hoy:")
    assert "promesas para hoy" in supervisor[0].body
