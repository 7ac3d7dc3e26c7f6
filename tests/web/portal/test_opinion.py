"""One question on the client's own page: once for each act, with or without a name, and nothing of it needs JavaScript."""

import pytest
from django.test import Client
from django.utils import timezone

from aldia.access import services as access_services
from aldia.contact import services as contact
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Opinion
from tests.beginnings import beginning
from tests.rooms.contact.conftest import TUESDAY, Post, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]


def debtor_who_can_be_written_to() -> Post:
    made = make_post()
    access_services.move_clock(actor=made.actor, to=TUESDAY, now=timezone.now())
    return made


post = beginning(debtor_who_can_be_written_to)


@pytest.fixture
def page(post: Post, client: Client) -> str:
    """The address of a page whose visitor showed who he is."""
    token, _link = contact.make_link(
        organisation_id=post.organisation.pk, case_id=post.case_id, party_id=post.party_id, origin="test:1", now=timezone.now()
    )  # fmt: skip
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    return f"/p/{token}"


@pytest.mark.covers("S2-34b", "S4-41")
def test_after_an_act_one_question_is_asked_and_answered_once(client: Client, post: Post, page: str) -> None:
    paid = {"amount": "10", "paid_on": TUESDAY.isoformat(), "means": "transfer"}
    done = client.post(f"{page}/ya-pague/", paid)
    shown = client.get(done["Location"]).content.decode()
    assert "¿Cómo te atendimos?" in shown
    assert "<script" not in shown
    told = {"de": "pago", "score": "4", "text": "  Todo claro. "}
    assert client.post(f"{page}/opinion/", told)["Location"].endswith("/listo/opinion/")
    again = client.post(f"{page}/opinion/", told | {"score": "1"})
    assert again.status_code == 422
    assert "Ya nos lo dijiste" in again.content.decode()
    kept = Opinion.objects.of(post.organisation).get()
    assert (kept.kind, kept.score, kept.text, kept.case_id) == ("payment", 4, "Todo claro.", post.case_id)
    client.post(f"{page}/opinion/", {"score": "5"})  # the message that brought him is another act
    assert Opinion.objects.of(post.organisation).count() == 2


@pytest.mark.covers("S2-34b")
def test_whose_disagreement_was_answered_reads_the_answer_and_is_asked_once(
    client: Client, post: Post, page: str
) -> None:
    assert "Respondimos a tu desacuerdo" not in client.get(f"{page}/cuenta/").content.decode()
    dispute = outcomes.open_dispute(
        actor=post.actor, case_id=post.case_id, reason="amount_wrong", clock=post.clock
    )
    told = {"score": "5", "de": "desacuerdo"}  # how it was taken is one act, how it was answered another
    assert client.post(f"{page}/opinion/", told).status_code == 302
    outcomes.answer_dispute(
        actor=post.actor,
        dispute_id=dispute.pk,
        is_accepted=False,
        answer="La factura <b>está</b> bien.",
        clock=post.clock,
    )
    shown = client.get(f"{page}/cuenta/").content.decode()
    assert "La factura &lt;b&gt;está&lt;/b&gt; bien." in shown and "?de=respuesta" in shown
    assert 'name="de" value="respuesta"' in client.get(f"{page}/opinion/?de=respuesta").content.decode()
    assert client.post(f"{page}/opinion/", {"score": "2", "de": "respuesta"}).status_code == 302
    assert {row.kind for row in Opinion.objects.of(post.organisation)} == {"dispute", "answer"}
    assert "?de=respuesta" not in client.get(f"{page}/cuenta/").content.decode()


def test_without_a_name_nothing_says_whose_it_is_and_it_still_counts_once(
    client: Client, post: Post, page: str
) -> None:
    told = {"score": "2", "anonymous": "1"}
    assert client.post(f"{page}/opinion/", told).status_code == 302
    assert client.post(f"{page}/opinion/", told).status_code == 422
    kept = Opinion.objects.of(post.organisation).get()
    assert kept.case_id is None
    assert str(post.case_id) != kept.mark


@pytest.mark.parametrize("score", ["", "0", "6", "cinco"])
def test_a_score_that_is_none_is_asked_again(client: Client, post: Post, page: str, score: str) -> None:
    assert client.post(f"{page}/opinion/", {"score": score}).status_code == 422
    assert not Opinion.objects.of(post.organisation).exists()


def test_nobody_answers_for_a_client_without_showing_who_he_is(post: Post, page: str) -> None:
    assert Client().post(f"{page}/opinion/", {"score": "5"}).status_code == 302
    assert not Opinion.objects.of(post.organisation).exists()
