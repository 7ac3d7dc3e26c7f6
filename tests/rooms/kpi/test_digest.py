"""The digest of the morning: told once a day to each person, about what that person may see."""

import pytest

from aldia.access import selectors as access
from aldia.kpi import digest, services
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
    assert supervisor[0].title


def test_the_digest_tells_only_what_happened_and_counts_in_words() -> None:
    one = {"entered": 1, "worsened": 0, "cured": 3, "promised": 1}
    assert digest._told(one) == ("1 entró en mora · 3 al día", "1 promesa vence hoy")
    assert digest._told({**dict.fromkeys(one, 0), "promised": 2}) == ("2 promesas vencen hoy", "")
