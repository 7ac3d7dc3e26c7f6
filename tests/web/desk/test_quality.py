"""Treatment on the desk: the sample of a week, a review that its agent answers, and recovery beside satisfaction."""

from datetime import timedelta

import pytest
from django.test import Client

from aldia.access.actors import debtor
from aldia.access.permissions import NotAllowed
from aldia.domain.periods import Period
from aldia.kpi import services as kpi
from aldia.kpi import treatment
from aldia.kpi.dashboard import DashboardQuery
from aldia.outcomes.models import QualityReview
from aldia.outcomes.quality import opinions, reviews
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)  # of last week
WELL = dict.fromkeys((key for key, _label, _weight in reviews.SHIPPED), 2)


def company_that_talked_last_week() -> Desk:
    desk = company_at_work()
    for number in range(8):
        ago = (TODAY - MONDAY).days - number % 5
        desk.log(number, "informed", days_ago=ago)
    return desk


talked = beginning(company_that_talked_last_week)


def opine(desk: Desk, number: int, score: int, act_id: int) -> None:
    case = desk.case(number)
    opinions.give_opinion(
        actor=debtor(desk.organisation.pk, party_id=case.party_id), case_id=case.pk,
        draft=opinions.OpinionDraft("chat", act_id, score), clock=desk.clock,
    )  # fmt: skip


def query() -> DashboardQuery:
    return DashboardQuery(Period.through(TODAY - timedelta(days=29), TODAY), "ARS")


@pytest.mark.covers("S4-41")
def test_a_supervisor_reviews_what_was_drawn_and_its_agent_reads_and_answers_it(
    talked: Desk, client: Client
) -> None:
    drawn = reviews.sample(talked.actors["supervisor"], week_on=MONDAY)
    assert len(drawn) == reviews.EACH
    assert drawn == reviews.sample(talked.actors["supervisor"], week_on=MONDAY + timedelta(days=3))
    address = f"/indicadores/calidad/revisar/{drawn[0].outcome_id}/"
    supervisor = talked.login(client, "supervisor")
    page = supervisor.get(f"/indicadores/calidad/revisar/?semana={MONDAY}").content.decode()
    assert page.count("por revisar") == reviews.EACH
    told = {**dict.fromkeys(WELL, "2"), "respect": "1", "comment": "Muy clara."}
    incomplete = dict.fromkeys(WELL, "")
    assert supervisor.post(address, incomplete).status_code == 422
    assert supervisor.post(address, told).status_code == 302
    row = QualityReview.objects.of(talked.organisation).get()
    assert row.score == 89  # 25 of 28
    assert supervisor.post(address, {"answer": "no es mía"}).status_code == 403
    agent = talked.login(client, "ana")
    assert "89" in agent.get("/indicadores/calidad/").content.decode()
    assert agent.post(address, {"answer": "Gracias, lo pruebo."}).status_code == 302
    assert agent.post(address, {"answer": "Otra vez."}).status_code == 422
    assert "Gracias, lo pruebo." in talked.login(client, "supervisor").get(address).content.decode()
    assert talked.login(client, "bruno").get(address).status_code == 403


def test_nobody_reviews_his_own_work_nor_twice_and_a_collector_reviews_none(talked: Desk) -> None:
    first = reviews.sample(talked.actors["supervisor"], week_on=MONDAY)[0].outcome_id
    with pytest.raises(NotAllowed):
        reviews.review(
            actor=talked.actors["bruno"], outcome_id=first, marks=WELL, comment="", clock=talked.clock
        )
    reviews.review(
        actor=talked.actors["supervisor"], outcome_id=first, marks=WELL, comment="", clock=talked.clock
    )
    with pytest.raises(reviews.ReviewRefused):
        reviews.review(
            actor=talked.actors["manager"], outcome_id=first, marks=WELL, comment="", clock=talked.clock
        )


def test_new_criteria_hold_for_the_next_reviews_and_a_kept_one_keeps_its_own(
    talked: Desk, client: Client
) -> None:
    first, second = reviews.sample(talked.actors["supervisor"], week_on=MONDAY)[:2]
    actor = talked.actors["supervisor"]
    reviews.review(actor=actor, outcome_id=first.outcome_id, marks=WELL, comment="", clock=talked.clock)
    manager = talked.login(client, "manager")
    manager.post("/indicadores/calidad/criterios/guardar/", {"criteria": "5; Saludó\n1; Se despidió"})
    manager.post(
        "/indicadores/calidad/criterios/guardar/", {"criteria": "Saludó"}
    )  # no weight: nothing is kept
    card = reviews.scorecard(talked.organisation.pk)
    assert (card.version, [one.weight for one in card.criteria]) == (1, [5, 1])
    made = reviews.review(
        actor=actor, outcome_id=second.outcome_id, marks={"c1": 2, "c2": 0}, comment="", clock=talked.clock
    )
    assert (made.score, made.form_version) == (83, 1)
    old = manager.get(f"/indicadores/calidad/revisar/{first.outcome_id}/").content.decode()
    assert "Escuchó y entendió" in old


@pytest.mark.covers("S4-43", "S4-15")
def test_recovery_stands_beside_satisfaction_and_says_nothing_while_there_is_little(talked: Desk) -> None:
    actor = talked.actors["supervisor"]
    for act_id in range(4):
        opine(talked, 0, 5, act_id)
    [before] = [row for row in treatment.two_axes(actor, query(), "person") if row.opinions]
    assert (before.satisfaction, before.place) == (None, "")
    opine(talked, 0, 4, 9)
    for by, name in (("person", "Julieta Sosa"), ("team", None), ("strategy", None)):
        rows = [row for row in treatment.two_axes(actor, query(), by) if row.opinions]
        assert all(row.satisfaction == 4.8 and row.place in ("both", "treats") for row in rows)
        assert name is None or [row.name for row in rows] == [name]
        assert by == "strategy" or rows


@pytest.mark.covers("S2-34b", "S0-18e", "S3-43a")
def test_the_board_tells_complaints_satisfaction_and_the_pressure_with_its_cap(
    talked: Desk, client: Client
) -> None:
    for act_id, score in enumerate((5, 1, 2, 4, 3)):
        opine(talked, 0, score, act_id)
    told = treatment.summary(talked.actors["supervisor"], query())
    assert (told.opinions, told.satisfaction) == (5, 3.0)
    assert told.complaints == 2 + opinions.disputes_opened(
        talked.system, from_on=query().period.start, to_on=TODAY + timedelta(days=1)
    )
    found = treatment.pressure(talked.actors["supervisor"], as_of=TODAY)
    assert found.most == max(count for _case, count in found.case_ids)
    assert found.cap is None or found.at_cap == sum(count >= found.cap for _case, count in found.case_ids)
    kpi.rebuild(actor=talked.system, from_on=TODAY - timedelta(days=2), to_on=TODAY, now=NOW)
    supervisor = talked.login(client, "supervisor")
    assert "Presión de contacto" in supervisor.get("/indicadores/calidad/resumen/").content.decode()
    assert "/indicadores/calidad/resumen/" in supervisor.get("/indicadores/").content.decode()
    page = supervisor.get("/indicadores/calidad/?por=team").content.decode()
    assert "Recupero y trato, a la vez" in page
    own = talked.login(client, "bruno").get("/indicadores/calidad/").content.decode()
    assert "Recupero y trato, a la vez" not in own
