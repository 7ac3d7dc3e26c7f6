"""A notice leaves at most once, says what it must, and only while there is a reason and the law allows it."""

import io
import zipfile
from datetime import timedelta

import pypdf
import pytest

from aldia.cases import services as cases
from aldia.contact import selectors, services
from aldia.contact.models import Attempt, GateProof, Order, Touch
from aldia.contact.outbox.claiming import LEASE, claim
from aldia.contact.providers.protocol import ProviderError
from aldia.contact.providers.sandbox.sender import Sandbox
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.parties import services as parties
from tests.rooms.contact.conftest import NOON, TUESDAY, Post


def test_an_order_of_the_same_identity_is_placed_once(post: Post) -> None:
    draft = post.draft()
    first = services.place_orders(organisation_id=post.organisation.pk, orders=[draft], now=NOON)
    again = services.place_orders(organisation_id=post.organisation.pk, orders=[draft], now=NOON)
    assert (first, again) == (1, 0)


@pytest.mark.covers("S0-18c", "S0-18d")
def test_the_message_shows_documents_amounts_and_the_four_doors(post: Post) -> None:
    post.order()
    assert post.send() == {"sent": 1}
    [message] = post.messages()
    assert message.recipient == "pagos@elarbol.example"
    assert message.subject == "Cooperativa Sur: quedó pendiente $\u00a06.000,00"
    for words in (
        "FC A 0003-1",
        "30 días",
        "$\u00a01.000,00",
        "Pagar: ",
        "Elegir una fecha: ",
        "Ya pagué: ",
        "No estoy de acuerdo: ",
    ):
        assert words in message.text
    assert "Ferretería &lt;El Árbol&gt; S.A." in message.html
    assert message.is_sandbox


def test_the_message_leaves_once_however_often_the_worker_passes(post: Post) -> None:
    order = post.order()
    post.send()
    assert post.send() == {}
    assert post.again(order).state == "sent"
    assert Touch.objects.of(post.organisation).filter(origin=f"order:{order.pk}").count() == 1


@pytest.mark.covers("S0-3c")
def test_only_the_chosen_documents_go_each_as_it_was_uploaded(post: Post) -> None:
    for number in (0, 1, 2):
        stored = ledger.store_file(
            actor=post.actor,
            name=f"factura{number}.pdf",
            content_type="application/pdf",
            content=b"%PDF " + bytes([number]),
            now=NOON,
        )
        ledger.attach_file(
            actor=post.actor, document_id=post.document_ids[number], file_id=stored.pk, now=NOON
        )
    services.send_now(
        actor=post.actor, case_id=post.case_id, clock=post.clock,
        claim=services.ClaimDraft("email", "statement", "click-1", document_ids=tuple(post.document_ids[:2])),
    )  # fmt: skip
    post.send()
    [message] = post.messages()
    assert "FC A 0003-2" in message.text and "FC A 0003-3" not in message.text
    statement, documents = message.attachments
    _row, path = ledger_selectors.open_file(post.actor, documents["file_id"])
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as zipped:
        assert zipped.namelist() == ["FC A 0003-1/factura0.pdf", "FC A 0003-2/factura1.pdf"]
        assert zipped.read("FC A 0003-1/factura0.pdf") == b"%PDF \x00"
    _row, paper = ledger_selectors.open_file(post.actor, statement["file_id"])
    text = pypdf.PdfReader(paper).pages[0].extract_text()
    assert "Estado de cuenta" in text and "FC A 0003-3" in text and "6.000,00" in text


def test_a_document_of_somebody_else_is_refused(post: Post) -> None:
    with pytest.raises(services.DocumentsNotFound):
        services.send_now(
            actor=post.actor, case_id=post.case_id, clock=post.clock,
            claim=services.ClaimDraft("email", "statement", "x", document_ids=(999_999,)),
        )  # fmt: skip


def test_a_payment_after_queueing_stops_the_notice(post: Post) -> None:
    order = post.order()
    post.pay(post.case_id, post.document_ids)
    post.send()
    assert (post.again(order).state, post.again(order).reason) == ("withheld", "settled")


def test_a_hold_after_queueing_stops_the_notice(post: Post) -> None:
    order = post.order()
    cases.place_hold(
        actor=post.actor, case_id=post.case_id, now=NOON,
        hold=cases.HoldDraft("promise", TUESDAY, TUESDAY + timedelta(days=5)),
    )  # fmt: skip
    post.send()
    assert (post.again(order).state, post.again(order).reason) == ("withheld", "held")


@pytest.mark.enforces("US-EVT-02")
def test_an_opt_out_after_queueing_stops_the_notice(post: Post) -> None:
    order = post.order()
    parties.record_consent(
        actor=post.actor, party_id=post.party_id, creditor_id=post.creditor_id, channel="email", is_granted=False,
        evidence="portal", now=NOON,
    )  # fmt: skip
    post.send()
    assert (post.again(order).state, post.again(order).reason) == ("withheld", "opted_out")


def test_a_closed_hour_waits_for_its_opening_and_keeps_the_proof(post: Post) -> None:
    midnight = NOON + timedelta(hours=13)  # 01:00 in Buenos Aires
    order = post.order(not_before_at=midnight)
    assert post.send(midnight) == {"set_aside": 1}
    waiting = post.again(order)
    assert waiting.state == "queued" and midnight < waiting.not_before_at < midnight + timedelta(hours=8)
    proof = GateProof.objects.of(post.organisation).get(order_id=order.pk)
    assert not proof.is_allowed and proof.local_time.startswith("2026-03-04 01:00")
    assert post.send(waiting.not_before_at) == {"sent": 1}


def test_a_text_with_a_missing_value_is_never_sent(post: Post) -> None:
    order = post.order(template_key="promise_reminder")
    post.send()
    assert (post.again(order).state, post.again(order).reason) == ("withheld", "missing_values")
    assert post.messages() == []


def test_the_dead_workers_order_becomes_unknown_and_is_not_sent_again(post: Post) -> None:
    order = post.order()
    claim([order.pk], organisation=post.organisation, business_now=NOON, real_now=NOON)
    assert services.expire_leases(now=NOON + LEASE / 2) == 0
    assert services.expire_leases(now=NOON + LEASE * 2) == 1
    assert post.send(NOON + LEASE * 3) == {}
    assert post.again(order).state == "unknown"
    assert Touch.objects.of(post.organisation).filter(origin=f"order:{order.pk}").exists()


def test_a_zombie_whose_lease_was_taken_changes_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    order = post.order()

    def sleep_past_the_lease(_self: Sandbox, _message: object) -> object:
        services.expire_leases(now=NOON + LEASE * 2)
        raise ProviderError("busy", is_certain=True, is_permanent=False)

    monkeypatch.setattr(Sandbox, "send", sleep_past_the_lease)
    post.send()
    assert post.again(order).state == "unknown"
    assert Attempt.objects.of(post.organisation).filter(detail__startswith="too late").count() == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ProviderError("550 no such user", is_certain=True, is_permanent=True), "failed"),
        (ProviderError("421 try later", is_certain=True, is_permanent=False), "queued"),
        (ProviderError("connection lost", is_certain=False, is_permanent=False), "unknown"),
    ],
)
def test_what_the_provider_says_decides_how_it_ends(
    post: Post, monkeypatch: pytest.MonkeyPatch, error: ProviderError, state: str
) -> None:
    order = post.order()

    def fail(_self: Sandbox, _message: object) -> object:
        raise error

    monkeypatch.setattr(Sandbox, "send", fail)
    post.send()
    assert post.again(order).state == state


def test_a_paused_organisation_sends_nothing(post: Post) -> None:
    order = post.order()
    Order.objects.of(post.organisation)  # scoped access is what the worker uses too
    type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_paused=True)
    assert post.send() == {}
    assert post.again(order).state == "queued"


def test_an_unknown_order_is_resolved_by_a_person(post: Post) -> None:
    order = post.order()
    claim([order.pk], organisation=post.organisation, business_now=NOON, real_now=NOON)
    services.expire_leases(now=NOON + LEASE * 2)
    services.resolve_unknown(actor=post.actor, order_id=order.pk, was_sent=True, now=NOON)
    assert post.again(order).state == "sent"


def test_the_desk_says_by_what_channel_one_may_contact_now(post: Post) -> None:
    answers = {
        answer.channel: answer
        for answer in selectors.may_contact_now(post.actor, post.case_id, clock=post.clock, language="es")
    }
    assert answers["email"].is_allowed
    assert not answers["call"].is_allowed and answers["call"].to == ""
    assert set(answers) == {"call", "whatsapp", "email", "sms", "letter", "visit"}


@pytest.mark.covers("S2-31")
def test_a_message_can_be_checked_by_its_code(post: Post) -> None:
    post.order()
    post.send()
    code = post.messages()[0].reference[:8].upper()
    assert code in post.messages()[0].text
    found = selectors.is_our_message(code)
    assert found is not None and selectors.creditor_of_message(found) == "Cooperativa Sur"
    assert selectors.is_our_message("FFFFFFFF") is None
