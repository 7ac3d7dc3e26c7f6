"""The company of the desk's tests, standing at 10:12 of a Tuesday."""

from datetime import datetime

import pytest
from django.utils import timezone

from tests.beginnings import beginning
from tests.web.desk.seed import NOW, Desk, make_desk


def company_at_work() -> Desk:
    """Return the company as it stands at NOW."""
    with pytest.MonkeyPatch.context() as patch:
        stand_at(patch, NOW)
        return make_desk()


company = beginning(company_at_work)


@pytest.fixture
def desk(company: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the company; the hour of every request is NOW."""
    stand_at(monkeypatch, NOW)
    return company


def stand_at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Make the web's clock stand still at an instant."""
    monkeypatch.setattr(timezone, "now", lambda: now)
