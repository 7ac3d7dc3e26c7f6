"""A text is published when its tone is right and it says what the law of the organisation's countries asks."""

import pytest

from aldia.access.models import AuditEvent
from aldia.contact import services
from aldia.contact.models import Template
from aldia.contact.publishing import NeedsConfirming, NotFit
from aldia.ledger.models import Portfolio
from tests.rooms.contact.conftest import NOON, Post


def _draft(post: Post, body: str, *, channel: str = "sms", key: str = "overdue_soft") -> Template:
    rows = Template.objects.of(post.organisation)
    row = rows.get(key=key, channel=channel, language="es", treatment="tu", state="PUBLISHED")
    return services.save_draft(actor=post.actor, template_id=row.pk, subject=row.subject, body=body, now=NOON)


def _publish(post: Post, draft: Template, confirmed: str = "") -> Template:
    return services.publish_template(
        actor=post.actor, template_id=draft.pk, has_second_person=False, confirmed=confirmed, now=NOON
    )


def _collects_in(post: Post, country: str) -> None:
    Portfolio.objects.of(post.organisation).update(
        country=country, debt_kind="", debtor_kind="", actor_kind=""
    )


GOOD = "Hola, {nombre}. Somos {acreedor}. Queda {importe}. Mira cómo pagar aquí: {enlace}"


def test_a_calm_text_is_published_and_a_threat_is_not(post: Post) -> None:
    assert _publish(post, _draft(post, GOOD)).state == "PUBLISHED"
    with pytest.raises(NotFit, match="suena a amenaza"):
        _publish(post, _draft(post, "Paga hoy {importe} o habrá embargo: {enlace}"))


@pytest.mark.enforces("required_content")
def test_what_the_country_asks_and_a_variable_says_has_to_be_there(post: Post) -> None:
    _collects_in(post, "DO")
    with pytest.raises(NotFit, match=r"Falta \{documentos\}: lo pide la norma DO-REQ-01"):
        _publish(post, _draft(post, GOOD))
    assert _publish(post, _draft(post, GOOD + " Es por {documentos}.")).state == "PUBLISHED"


@pytest.mark.enforces("required_content")
def test_what_only_a_person_can_see_is_confirmed_with_a_reason_that_is_kept(post: Post) -> None:
    _collects_in(post, "CL")
    draft = _draft(post, GOOD)
    with pytest.raises(NeedsConfirming, match="CL-REQ-01"):
        _publish(post, draft)
    _publish(post, draft, confirmed="Está en la página del enlace")
    kept = AuditEvent.objects.of(post.organisation).filter(verb="contact.template.publish").latest("pk")
    assert kept.data["confirmed"] == "Está en la página del enlace" and "CL-REQ-01" in kept.data["rules"]


def test_a_receipt_is_no_claim_and_is_asked_nothing_by_those_laws(post: Post) -> None:
    _collects_in(post, "CL")
    assert (
        _publish(post, _draft(post, "Recibimos {importe_pago}. Gracias.", key="payment_thanks")).state
        == "PUBLISHED"
    )
