"""The digest of the morning: told once a day to each person at that person's hour, about what that person may see."""

from datetime import timedelta

import pytest
from django.test import Client

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.contact import selectors as contact
from aldia.contact import services as contact_services
from aldia.contact.models import StaffMail
from aldia.kpi import digest, services
from aldia.ops import tasks
from aldia.strategy.models import Run
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work, stand_at
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
desk = beginning(company_at_work)


def tell(desk: Desk, hours: int = 0) -> int:
    now = NOW + timedelta(hours=hours)
    return services.send_digest(actor=desk.system, as_of=TODAY, now=now, real_now=now)


def told(desk: Desk, who: str) -> list[str]:
    return [row.title for row in access.notifications(desk.actors[who]) if row.kind == "digest"]


@pytest.mark.covers("S2-13")
def test_the_digest_is_told_once_a_day_by_role_in_the_app_and_by_mail(desk: Desk) -> None:
    assert tell(desk) > 0
    assert (tell(desk), tell(desk, 3)) == (0, 0)
    assert len(told(desk, "supervisor")) == 1
    [mail] = StaffMail.objects.of(desk.organisation).filter(user_id=desk.users["supervisor"].pk)
    assert mail.recipient == desk.users["supervisor"].email
    assert mail.subject == f"{desk.organisation.name}: {told(desk, 'supervisor')[0]}"
    assert "/clientes/" in mail.text


def test_each_person_is_told_at_the_chosen_hour_or_not_at_all(desk: Desk) -> None:
    access_services.set_digest(actor=desk.actors["supervisor"], is_on=True, hour=11)  # it is 10:12
    access_services.set_digest(actor=desk.actors["manager"], is_on=False, hour=8)
    tell(desk)
    assert told(desk, "supervisor") == []
    tell(desk, 1)
    assert len(told(desk, "supervisor")) == 1
    assert told(desk, "manager") == []
    with pytest.raises(ValueError, match="0 a 23"):
        access_services.set_digest(actor=desk.actors["manager"], is_on=True, hour=24)


def test_the_clock_tells_it_after_the_day_was_lived_and_the_mail_stays_in_the_mailbox(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    stand_at(monkeypatch, NOW)
    tasks.digest()
    assert told(desk, "supervisor") == []
    Run.objects.create(
        organisation=desk.organisation, as_of=TODAY, state="done", started_by="system", started_at=NOW, is_rehearsal=True
    )  # fmt: skip
    tasks.digest()
    tasks.digest()
    assert len(told(desk, "supervisor")) == 1
    assert contact_services.send_staff_mail(clock=lambda: NOW, limit=50) == len(
        contact.staff_mails(desk.system)
    )
    assert {(mail.state, mail.is_sandbox) for mail in contact.staff_mails(desk.system)} == {("sent", True)}
    shown = desk.login(client, "supervisor").get("/buzon/equipo/").content.decode()
    assert told(desk, "supervisor")[0] in shown


def test_the_digest_tells_only_what_happened_and_counts_in_words() -> None:
    one = {"entered": 1, "worsened": 0, "cured": 3, "promised": 1, "broken": 2, "alarms": 0}
    assert [[phrase.said() for phrase in text] for text in digest._told(one)] == [
        ["1 entró en mora", "3 al día"],
        ["1 promesa vence hoy", "2 promesas no llegaron ayer"],
    ]
    only = digest._told({**dict.fromkeys(one, 0), "promised": 2})
    assert [[phrase.said() for phrase in text] for text in only] == [["2 promesas vencen hoy"], []]
