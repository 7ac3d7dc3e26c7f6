"""One case on its screen: what it shows, its outcomes and gestures."""

import io
import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from aldia.access.models import AuditEvent
from aldia.cases.models import Hold, Note
from aldia.contact.models import Order
from aldia.outcomes.models import Outcome, Promise
from aldia.parties.models import ContactPoint
from tests.web.desk.seed import TODAY, Desk
from tests.web.reading import flat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
HTMX = {"HTTP_HX_REQUEST": "true"}
UNPROCESSABLE = 422


def at(name: str, desk: Desk, number: int = 0, *more: object) -> str:
    return reverse(f"desk:{name}", args=[desk.case_ids[number], *more])


def see(client: Client, address: str, **more: str) -> str:
    return flat(client.get(address, **more))


@pytest.mark.covers("S3-18")
def test_the_360_shows_money_first_and_the_document_masked(desk: Desk, client: Client) -> None:
    html = see(desk.login(client), at("case", desk))
    assert "Ferretería El Algarrobo S.R.L." in html
    assert "CUIT 30-71" in html and "•••••" in html and "30710000000" not in html
    assert "No llegó la promesa de" in html and "¿Puedo contactar ahora?" in html
    assert html.index("$\u00a0115.400,00") < html.index("Por vencer")
    assert "Pagó $\u00a0164.200,00" in html


@pytest.mark.covers("S3-18")
def test_currencies_stand_side_by_side_and_are_never_added(desk: Desk, client: Client) -> None:
    html = see(desk.login(client), at("case", desk, 1))
    assert "$\u00a01.926.900,00" in html and "US$\u00a03.250,00" in html


def test_seeing_the_whole_document_is_kept_in_the_audit(desk: Desk, client: Client) -> None:
    html = desk.login(client).post(at("reveal", desk)).content.decode()
    assert "30710000000" in html
    assert (
        AuditEvent.objects.of(desk.organisation)
        .filter(verb="parties.tax_id.reveal", actor=desk.ana.label)
        .count()
        == 1
    )


def test_somebody_elses_case_is_not_found(desk: Desk, client: Client) -> None:
    assert desk.login(client).get(reverse("desk:case", args=[10**9])).status_code == 404


def test_a_date_in_words_is_read_inside_its_field_and_tells_what_saving_does(
    desk: Desk, client: Client
) -> None:
    html = see(
        desk.login(client), at("outcome-reading", desk, 0, "promise") + "?campo=due_on&due_on=vie", **HTMX
    )
    assert html.strip().startswith("viernes 27 nov 2026")
    assert "hasta el vie 27 nov" in html and "vuelve a tu cola el lun 30 nov" in html


def test_a_promise_is_saved_in_words_and_money_as_people_write_them_and_can_be_undone(
    desk: Desk, client: Client
) -> None:
    desk.login(client)
    form = see(client, at("outcome", desk, 0, "promise"), **HTMX)
    assert 'value="115.400,00"' in form and "Todo lo vencido" in form
    data = {
        "amount": "115.400,00",
        "due_on": "vie",
        "means": "transfer",
        "channel": "call",
        "client_id": "c-1",
        "currency": "ARS",
    }
    html = client.post(at("outcome", desk, 0, "promise"), data, **HTMX).content.decode()
    assert "Promesa para el vie 27 nov" in html
    promise = Promise.objects.of(desk.organisation).get(case_id=desk.case_ids[0], state="open")
    assert (promise.amount_minor, promise.due_on) == (115_400_00, date(2026, 11, 27))
    undo = re.search(r'action="(/resultados/\d+/deshacer/)"', html)
    assert undo
    client.post(undo[1])
    promise.refresh_from_db()
    assert promise.state == "cancelled"


def test_the_same_click_twice_is_one_outcome(desk: Desk, client: Client) -> None:
    desk.login(client)
    for _again in range(2):
        client.post(at("outcome", desk, 12, "no_answer"), {"channel": "call", "client_id": "same"})
    assert Outcome.objects.of(desk.organisation).filter(case_id=desk.case_ids[12]).count() == 1


def test_an_answer_that_cannot_be_read_comes_back_beside_its_field(desk: Desk, client: Client) -> None:
    data = {
        "amount": "mucho",
        "due_on": "ayer nunca",
        "channel": "call",
        "client_id": "c-2",
        "currency": "ARS",
    }
    answer = desk.login(client).post(at("outcome", desk, 0, "promise"), data, **HTMX)
    html = answer.content.decode()
    assert answer.status_code == UNPROCESSABLE
    assert 'role="alert"' in html and 'id="due_on-nota"' in html and 'value="mucho"' in html


@pytest.mark.parametrize(
    "key",
    [
        "no_answer",
        "promise",
        "plan",
        "already_paid",
        "dispute",
        "call_back",
        "third_party",
        "pause",
        "whatsapp",
        "wrong_number",
    ],
)
def test_every_outcome_asks_for_what_its_type_needs(desk: Desk, client: Client, key: str) -> None:
    answer = desk.login(client).get(at("outcome", desk, 0, key), **HTMX)
    assert answer.status_code == 200
    assert "Al guardar" in answer.content.decode() and 'id="panel"' in answer.content.decode()


def test_a_claim_leaves_with_the_chosen_documents_at_once(desk: Desk, client: Client) -> None:
    desk.login(client)
    panel = see(client, at("claim", desk), **HTMX)
    chosen = re.findall(r'name="documents" value="(\d+)" checked', panel)
    assert len(chosen) == 2 and "estado-de-cuenta.pdf" in panel
    data = {
        "channel": "email",
        "template": "statement",
        "documents": chosen[:1],
        "has_statement": "1",
        "text": "Hola",
        "client_id": "k-1",
    }
    client.post(at("claim", desk), data)
    order = Order.objects.of(desk.organisation).get(identity="manual:k-1")
    assert order.document_ids == [int(chosen[0])] and order.extra == {"text": "Hola"} and order.has_statement


def test_a_claim_with_nothing_in_it_is_not_sent(desk: Desk, client: Client) -> None:
    answer = desk.login(client).post(
        at("claim", desk), {"channel": "email", "template": "statement", "client_id": "k-2"}, **HTMX
    )
    assert answer.status_code == UNPROCESSABLE
    assert not Order.objects.of(desk.organisation).filter(identity="manual:k-2").exists()


def test_a_note_keeps_its_file_and_the_file_comes_back_to_be_saved_not_run(
    desk: Desk, client: Client
) -> None:
    desk.login(client)
    file = SimpleUploadedFile("captura.html", b"<script>1</script>", "text/html")
    client.post(at("note", desk), {"body": "Mandó la captura", "file": file})
    note = Note.objects.of(desk.organisation).get(body="Mandó la captura")
    answer = client.get(reverse("desk:file", args=[note.file_id]))
    assert (
        answer["Content-Type"] == "application/octet-stream" and "attachment" in answer["Content-Disposition"]
    )
    assert b"".join(answer.streaming_content) == b"<script>1</script>"


def test_a_pause_needs_a_day_and_a_reason_and_can_be_ended(desk: Desk, client: Client) -> None:
    desk.login(client)
    assert (
        client.post(at("hold", desk, 14), {"until": "vie", "reason": ""}, **HTMX).status_code == UNPROCESSABLE
    )
    client.post(at("hold", desk, 14), {"until": "fin de mes", "reason": "Feriado largo"})
    hold = Hold.objects.of(desk.organisation).get(case_id=desk.case_ids[14], reason="Feriado largo")
    assert hold.ends_on == date(2026, 11, 30)
    client.post(at("release", desk, 14, hold.pk))
    hold.refresh_from_db()
    assert hold.released_at is not None


def test_a_pause_of_another_case_cannot_be_ended_from_here(desk: Desk, client: Client) -> None:
    hold = Hold.objects.of(desk.organisation).get(reason="Cierre de balance")
    desk.login(client).post(at("release", desk, 0, hold.pk))
    hold.refresh_from_db()
    assert hold.released_at is None


def test_the_next_step_is_planned_in_words(desk: Desk, client: Client) -> None:
    desk.login(client).post(at("step", desk, 15), {"text": "Visitar", "on": "mañana", "at": "15:30"})
    case = desk.case(15)
    assert (case.next_step, case.next_on) == ("Visitar", date(2026, 11, 25))
    assert case.next_at is not None and case.next_at.isoformat().startswith("2026-11-25T18:30")


def test_contact_points_are_added_corrected_and_retired(desk: Desk, client: Client) -> None:
    desk.login(client)
    client.post(at("points", desk), {"kind": "EMAIL", "value": "Otra@Cliente.example", "label": "Compras"})
    point = ContactPoint.objects.of(desk.organisation).get(value="otra@cliente.example")
    client.post(
        at("point-change", desk, 0, point.pk), {"value": "compras@cliente.example", "label": "Compras"}
    )
    point.refresh_from_db()
    assert point.value == "compras@cliente.example"
    assert (
        client.post(at("points", desk), {"kind": "EMAIL", "value": "no es"}, **HTMX).status_code
        == UNPROCESSABLE
    )
    client.post(at("point-retire", desk, 0, point.pk))
    point.refresh_from_db()
    assert point.state == "RETIRED"


def test_a_contact_point_of_another_client_is_left_alone(desk: Desk, client: Client) -> None:
    other = ContactPoint.objects.of(desk.organisation).filter(party_id=desk.case(1).party_id).first()
    desk.login(client).post(at("point-retire", desk, 0, other.pk))
    other.refresh_from_db()
    assert other.state == "ACTIVE"


def test_only_who_leads_assigns_and_changes_the_stage(desk: Desk, client: Client) -> None:
    assert desk.login(client).post(at("assign", desk), {"holder": "team:1"}).status_code == 403
    desk.login(client, "supervisor").post(at("assign", desk), {"holder": f"user:{desk.users['bruno'].pk}"})
    client.post(at("stage", desk), {"stage": "late", "reason": "Acordado"})
    assert desk.case().holder_id == desk.users["bruno"].pk and desk.case().stage == "late"


def test_the_history_narrows_and_its_file_has_the_rows_of_the_screen(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    html = see(client, at("history", desk) + "?tipo=note")
    assert html.count('class="ald-event"') == 1 and "Paga los viernes" in html
    answer = client.get(at("history-export", desk, 0, "xlsx") + "?tipo=note")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 2 and sheet["C2"].value.startswith("Paga los viernes")
    assert desk.login(Client(), "ana").get(at("history-export", desk, 0, "csv")).status_code == 403


def test_a_note_that_looks_like_a_formula_stays_a_text_in_the_csv(desk: Desk, client: Client) -> None:
    desk.login(client).post(at("note", desk), {"body": "=HYPERLINK(1)"})
    answer = desk.login(Client(), "supervisor").get(at("history-export", desk, 0, "csv"))
    assert "'=HYPERLINK(1)" in answer.content.decode()


def test_the_auditor_reads_a_case_and_changes_nothing(desk: Desk, client: Client) -> None:
    html = see(desk.login(client, "auditor"), at("case", desk))
    assert 'id="resultados"' not in html
    assert client.post(at("note", desk), {"body": "x"}).status_code == 403


@pytest.mark.parametrize(("language", "said"), [("en", "tomorrow"), ("pt-br", "amanhã"), ("es", "mañana")])
def test_days_are_written_and_read_in_the_language_of_the_person(
    desk: Desk, client: Client, language: str, said: str
) -> None:
    user = desk.users["ana"]
    user.language = language
    user.save()
    desk.login(client, "ana")
    reading = client.get("/fecha/", {"campo": "on", "on": said}).content.decode()
    assert {"en": "Wednesday", "pt-br": "quarta-feira", "es": "miércoles"}[language] in reading
    given = {"amount": "1000", "due_on": said, "client_id": f"dicho-{language}"}
    client.post(f"/clientes/{desk.case_ids[1]}/resultado/promise/", given)
    assert Promise.objects.of(desk.organisation).latest("pk").due_on == TODAY + timedelta(days=1)
