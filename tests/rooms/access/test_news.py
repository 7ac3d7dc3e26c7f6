"""What is put under the bell of each person is said in that person's language."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import gettext_lazy, ngettext, override

from aldia.access import selectors, services
from aldia.access.actors import system
from aldia.access.models import Notification
from aldia.access.phrases import counted

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
    mine = selectors.actor_of(ana)
    for language, said in (
        ("pt-br", "Passaram um alarme a você: Vinoteca"),
        ("es", "Te pasaron una alarma: Vinoteca"),
    ):
        with override(language):  # whoever changes the language reads the old news in the new one
            assert [(line.title, line.body) for line in selectors.notifications(mine)] == [
                (said, "100 % mía")
            ]


def test_a_phrase_of_a_count_is_said_by_the_plural_of_whoever_reads() -> None:
    one, three = (
        counted(lambda n: ngettext("%(count)s promesa vence hoy", "%(count)s promesas vencen hoy", n), count)
        for count in (1, 3)
    )
    with override("en"):
        told = one.said(), three.said()
    assert told == ("1 promise is due today", "3 promises are due today")
    with override("es"):
        assert (one.said(), three.said()) == ("1 promesa vence hoy", "3 promesas vencen hoy")
