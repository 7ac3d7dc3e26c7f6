"""What is put under the bell of each person is said in that person's language."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import gettext_lazy

from aldia.access import services
from aldia.access.actors import system
from aldia.access.models import Notification

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_news_are_told_in_each_readers_language() -> None:
    house = services.create_organisation(key="casa", name="Casa", country="AR", currency="ARS", now=NOW)
    by = system(house.pk)
    ana, beto = (
        services.add_member(actor=by, email=f"{who}@casa.example", name=who, role="COLLECTOR", now=NOW)
        for who in ("ana", "beto")
    )
    services.set_preferences(user=beto.user, language="pt-br")
    title = gettext_lazy("Te pasaron una alarma: %(name)s")
    news = services.News("alarm", title, "k1", body="100 % mía", facts={"name": "Vinoteca"})
    services.notify(actor=by, user_ids=[ana.user_id, beto.user_id], news=news, now=NOW)
    told = {row.user_id: (row.title, row.body) for row in Notification.objects.of(house.pk)}
    assert told == {
        ana.user_id: ("Te pasaron una alarma: Vinoteca", "100 % mía"),
        beto.user_id: ("Passaram um alarme a você: Vinoteca", "100 % mía"),
    }
