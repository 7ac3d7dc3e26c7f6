"""The monitor of campaigns: every figure equals its rows, what did not leave says why, and brakes hold."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from aldia.contact import services as contact
from aldia.contact.models import Brake, DeliveryEvent, Order
from aldia.contact.outbox.claiming import LEASE, claim
from aldia.contact.services import expire_leases
from aldia.strategy.models import Decision, Run, RunState
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
HERE = "/campanas/"


def _orders(desk: Desk) -> list[Order]:
    """A night with six notices of one step: two left (one was read), one unknown, one withheld, two wait; one never written."""
    run = Run.objects.create(
        organisation=desk.organisation, as_of=TODAY, state=RunState.DONE, started_by="system", started_at=NOW
    )
    told: dict[str, Any] = {
        "creditor_id": desk.creditor_id, "portfolio_id": desk.portfolio_id, "channel": "email",
        "template_key": "overdue_soft", "origin": f"run:{run.pk}", "as_of": TODAY,
        "not_before_at": NOW + timedelta(hours=1), "expires_at": NOW + timedelta(days=3),
    }  # fmt: skip
    drafts = [
        contact.OrderDraft(
            case_id=case_id, party_id=desk.case(number).account.party_id, identity=f"b2b:soft:case:{case_id}:1:1:x", **told
        )
        for number, case_id in enumerate(desk.case_ids[:6])
    ]  # fmt: skip
    contact.place_orders(organisation_id=desk.organisation.pk, orders=drafts, now=NOW)
    orders = list(Order.objects.of(desk.organisation).filter(origin=f"run:{run.pk}").order_by("case_id"))
    rows = Order.objects.of(desk.organisation)
    rows.filter(pk__in=[orders[0].pk, orders[1].pk]).update(state="sent", finished_at=NOW)
    rows.filter(pk=orders[3].pk).update(state="withheld", reason="settled")
    DeliveryEvent.objects.create(
        organisation=desk.organisation, order_id=orders[0].pk, kind="read", at=NOW, event_id="e1"
    )
    assert claim([orders[2].pk], organisation=desk.organisation, business_now=NOW, real_now=NOW).claimed
    expire_leases(now=NOW + LEASE * 2)
    Decision.objects.create(
        organisation=desk.organisation, run_id=run.pk, on=TODAY, case_id=desk.case_ids[7], party_id=1, strategy_key="b2b",
        version=1, step="soft", subject_kind="case", subject_id=desk.case_ids[7], cycle=1, action="notice", channel="email",
        state="withheld", reason="no_consent",
    )  # fmt: skip
    return orders


@pytest.mark.covers("S3-3e", "S3-33")
def test_the_funnel_tells_each_figure_and_each_opens_exactly_its_rows(desk: Desk, client: Client) -> None:
    _orders(desk)
    page = desk.login(client, "manager").get(HERE)
    found = {str(word): (count, url) for word, _told, count, url, _share in page.context["figures"]}
    told = {word: count for word, (count, _url) in found.items()}
    assert (told["Decididos"], told["En cola"], told["Enviados"], told["Llegaron"], told["Leídos"]) == (
        6,
        2,
        2,
        1,
        1,
    )
    for count, url in found.values():
        assert client.get(url).context["total"] == count
    for line in page.context["funnels"]:
        for count, url in line["cells"]:
            assert client.get(url).context["total"] == count


def test_a_day_without_anything_to_send_opens_on_the_last_night_that_had_something(
    desk: Desk, client: Client
) -> None:
    written = _orders(desk)[0].origin
    sunday = TODAY + timedelta(days=5)
    Run.objects.create(
        organisation=desk.organisation, as_of=sunday, state=RunState.DONE, started_by="system", started_at=NOW
    )
    scope = desk.login(client, "manager").get(HERE).context["scope"]
    assert f"run:{scope['night'].id}" == written and scope["night"].as_of == TODAY


def test_what_did_not_leave_says_why_and_who_stopped_it(desk: Desk, client: Client) -> None:
    _orders(desk)
    page = desk.login(client, "auditor").get(HERE)
    unsent = {str(why["by"]): (why["count"], why["url"]) for why in page.context["unsent"]}
    assert {by: count for by, (count, _url) in unsent.items()} == {
        "Se retuvo al salir": 1,
        "La estrategia no escribió": 1,
    }
    for count, url in unsent.values():
        assert client.get(url).context["total"] == count
    assert "Ya no debía nada." in page.content.decode()


def test_the_figures_alone_are_asked_for_again_as_the_page_lives(desk: Desk, client: Client) -> None:
    _orders(desk)
    desk.login(client, "supervisor")
    whole = client.get(HERE).content.decode()
    asked = unescape(re.search(r'hx-get="([^"]+)"\s+hx-trigger="every 5s"', whole)[1])
    part = client.get(asked).content.decode()
    assert re.match(r'<div class="ald-stack"\s+id="embudo"', part) and "<html" not in part


def test_what_nobody_knows_is_asked_of_the_provider_or_noted_with_a_reason(
    desk: Desk, client: Client
) -> None:
    unknown = _orders(desk)[2]
    desk.login(client, "supervisor")
    assert "Preguntar al proveedor" in client.get(f"{HERE}filas/?cifra=unknown").content.decode()
    url = f"{HERE}avisos/{unknown.pk}/resolver/"
    bare = client.post(url, {"hacer": "no"}, follow=True).content.decode()
    assert "Escribe cómo lo sabes" in bare
    asked = client.post(url, {"hacer": "preguntar"}, follow=True).content.decode()
    assert "El proveedor lo tiene" in asked
    assert Order.objects.of(desk.organisation).get(pk=unknown.pk).state == "sent"


def test_a_campaign_is_paused_with_a_reason_let_go_and_stopped_by_typing_the_count(
    desk: Desk, client: Client
) -> None:
    _orders(desk)
    desk.login(client, "supervisor")
    url = f"{HERE}b2b:soft/freno/"
    assert "Escribe por qué" in client.post(url, {"hacer": "pausar"}, follow=True).content.decode()
    assert (
        "En pausa."
        in client.post(url, {"hacer": "pausar", "motivo": "Revisar"}, follow=True).content.decode()
    )
    client.post(url, {"hacer": "frenar", "motivo": "Despacio", "ritmo": "30"})
    assert Brake.objects.of(desk.organisation).get().per_minute == 30
    client.post(url, {"hacer": "seguir"})
    assert not Brake.objects.of(desk.organisation).exists()
    wrong = client.post(
        url, {"hacer": "detener", "motivo": "Error", "typed": "3"}, follow=True
    ).content.decode()
    assert "Ahora son 2 avisos" in wrong
    assert (
        "2 avisos anulados"
        in client.post(
            url, {"hacer": "detener", "motivo": "Error", "typed": "2"}, follow=True
        ).content.decode()
    )


def test_only_who_acts_in_bulk_holds_a_campaign(desk: Desk, client: Client) -> None:
    _orders(desk)
    for who in ("auditor", "ana"):
        assert desk.login(client, who).post(f"{HERE}b2b:soft/freno/", {"hacer": "seguir"}).status_code == 403
    assert desk.login(client, "ana").get(HERE).status_code == 403


def test_the_evidence_of_a_person_is_one_click_from_the_case(desk: Desk, client: Client) -> None:
    here = f"/clientes/{desk.case_ids[0]}/"
    assert f'href="{here}evidencia/"' in desk.login(client, "supervisor").get(here).content.decode()
    page = client.get(f"{here}evidencia/")
    assert page.content.startswith(b"PK") and "evidencia-" in page["Content-Disposition"]
    assert desk.login(client, "auditor").get(f"{here}evidencia/").status_code == 200
    assert desk.login(client, "ana").get(f"{here}evidencia/").status_code == 403
