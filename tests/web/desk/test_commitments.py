"""Promises, plans and disputes on the desk."""

from datetime import timedelta

import pytest
from django.test import Client

from aldia.cases.selectors.filters import OWN_CASES_ONLY
from aldia.outcomes.models import Dispute, Promise, Task
from tests.web.desk.seed import TODAY, Desk
from tests.web.reading import flat

pytestmark = pytest.mark.django_db
PROMISES, PLANS, DISPUTES = "/compromisos/", "/compromisos/planes/", "/compromisos/disputas/"


def _dispute(desk: Desk) -> Dispute:
    return Dispute.objects.of(desk.organisation).get()


@pytest.mark.covers("S1-13a")
@pytest.mark.parametrize(
    ("view", "state"),
    [("hoy", "open"), ("no-cumplidas", "broken"), ("proximas", "open"), ("", "open"), ("cumplidas", "kept")],
)
def test_each_view_has_its_own_promises(desk: Desk, client: Client, view: str, state: str) -> None:
    rows = desk.login(client).get(f"{PROMISES}?ver={view}").context["rows"]
    assert {line.state for line, _state, _means in rows} <= {state}
    if view == "hoy":
        assert [line.due_on for line, _state, _means in rows] == [TODAY]
    if view == "proximas":
        assert rows
        assert all(line.due_on > TODAY for line, _state, _means in rows)


def test_the_counts_of_the_tabs_are_the_rows_behind(desk: Desk, client: Client) -> None:
    desk.login(client)
    tabs = client.get(PROMISES).context["tabs"]
    for tab in tabs[:6]:
        assert tab["count"] == len(client.get(tab["href"]).context["rows"])


def test_a_promise_is_left_without_effect_once(desk: Desk, client: Client) -> None:
    desk.login(client)
    promise = Promise.objects.of(desk.organisation).filter(state="open", plan=None).first()
    page = client.post(f"{PROMISES}promesas/{promise.pk}/anular/", follow=True)
    assert "sin efecto" in page.content.decode()
    assert Promise.objects.of(desk.organisation).get(pk=promise.pk).state == "cancelled"
    again = client.post(f"{PROMISES}promesas/{promise.pk}/anular/", follow=True)
    assert "ya se decidió" in again.content.decode()


def test_nobody_cancels_what_is_not_theirs_to_see(desk: Desk, client: Client) -> None:
    desk.organisation.settings = {**desk.organisation.settings, OWN_CASES_ONLY: True}
    desk.organisation.save()
    promise = Promise.objects.of(desk.organisation).filter(state="open").first()
    assert desk.login(client, "bruno").post(f"{PROMISES}promesas/{promise.pk}/anular/").status_code == 404


def test_a_plan_tells_how_far_it_got(desk: Desk, client: Client) -> None:
    rows = desk.login(client).get(PLANS).context["rows"]
    (line, _state, share) = rows[0]
    assert (line.instalments, line.kept, share) == (6, 0, 0)
    assert line.next_on == TODAY + timedelta(days=7)


def test_a_dispute_that_is_right_leaves_the_credit_note_to_do(desk: Desk, client: Client) -> None:
    desk.login(client)
    assert "El descuento acordado era del 10 %." in client.get(DISPUTES).content.decode()
    page = client.post(
        f"{DISPUTES}{_dispute(desk).pk}/responder/",
        {"decision": "accept", "answer": "Tienes razón, va la nota de crédito."},
        follow=True,
    )
    assert "tenía razón" in page.content.decode()
    assert _dispute(desk).state == "accepted"
    assert Task.objects.of(desk.organisation).filter(identity__startswith="dispute:").exists()
    assert "Tienes razón, va la nota" in client.get(f"{DISPUTES}?ver=aceptadas").content.decode()


def test_a_dispute_that_is_not_says_so_to_the_client(desk: Desk, client: Client) -> None:
    page = desk.login(client).post(
        f"{DISPUTES}{_dispute(desk).pk}/responder/",
        {"decision": "keep", "answer": "El descuento ya estaba aplicado."},
        follow=True,
    )
    assert "la deuda se mantiene" in page.content.decode()
    assert _dispute(desk).state == "rejected"


def test_an_answer_without_words_is_asked_for_and_keeps_the_decision(desk: Desk, client: Client) -> None:
    page = desk.login(client).post(
        f"{DISPUTES}{_dispute(desk).pk}/responder/", {"decision": "accept", "answer": " "}
    )
    assert page.status_code == 422
    assert 'value="accept" checked' in flat(page)
    assert _dispute(desk).state == "open"


@pytest.mark.covers("S3-37a", "S3-65b")
def test_a_dispute_goes_to_another_department_with_another_deadline(desk: Desk, client: Client) -> None:
    desk.login(client)
    told = {"department": "logistics", "owner": str(desk.users["bruno"].pk), "deadline_on": "vie"}
    page = client.post(f"{DISPUTES}{_dispute(desk).pk}/derivar/", told, follow=True)
    assert "Disputa derivada" in page.content.decode()
    found = _dispute(desk)
    assert (found.department, found.owner_id, found.deadline_on) == (
        "logistics",
        desk.users["bruno"].pk,
        TODAY + timedelta(days=3),
    )


@pytest.mark.parametrize("deadline", ["ayer", "nunca", ""])
def test_a_deadline_that_cannot_be_is_told_in_its_field(desk: Desk, client: Client, deadline: str) -> None:
    told = {"department": "logistics", "owner": "", "deadline_on": deadline}
    page = desk.login(client).post(f"{DISPUTES}{_dispute(desk).pk}/derivar/", told)
    assert page.status_code == 422


def test_a_dispute_of_nobody_does_not_exist(desk: Desk, client: Client) -> None:
    assert desk.login(client).get(f"{DISPUTES}?disputa=99999").status_code == 404


def test_the_auditor_reads_and_answers_nothing(desk: Desk, client: Client) -> None:
    desk.login(client, "auditor")
    for address in (PROMISES, PLANS, DISPUTES):
        assert client.get(address).status_code == 200
    assert "Responder la disputa" not in client.get(DISPUTES).content.decode()
    assert (
        client.post(
            f"{DISPUTES}{_dispute(desk).pk}/responder/", {"decision": "keep", "answer": "No"}
        ).status_code
        == 403
    )


@pytest.mark.parametrize("address", [PROMISES, PLANS, DISPUTES])
def test_a_page_mark_that_nobody_made_goes_back_to_the_first(
    desk: Desk, client: Client, address: str
) -> None:
    assert (
        "vuelve a la primera" in desk.login(client).get(f"{address}?pagina=xx", follow=True).content.decode()
    )
