"""The company of the desk's tests, standing at 10:12 of a Tuesday."""

from datetime import datetime

import pytest
from django.utils import timezone

from tests.web.desk.seed import NOW, Desk, make_desk


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the company; the hour of every request is NOW."""
    stand_at(monkeypatch, NOW)
    return make_desk()


def stand_at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Make the web's clock stand still at an instant."""
    monkeypatch.setattr(timezone, "now", lambda: now)
