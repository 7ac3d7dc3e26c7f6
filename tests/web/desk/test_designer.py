"""The designer: cards of the draft are added, edited, moved and taken away by forms, and the checks are told in place."""

import re

import pytest
from django.test import Client

from aldia.access import services as access
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.models import Strategy
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
AT = "/estrategias/b2b_invoices/disenar/"
CARD = {
    "name": "Carta firme", "stage": "late", "grain": "case", "offset": "35", "unit": "calendar", "anchor": "due_on", "kind": "notice",
    "template": "overdue_firm", "channel_1": "letter", "channel_2": "email", "priority": "60", "do": "save", "condition": "overdue > 100",
}  # fmt: skip


@pytest.fixture
def treated(desk: Desk) -> Desk:
    services.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    return desk


def steps(desk: Desk) -> dict[str, dict[str, object]]:
    draft = Strategy.objects.of(desk.organisation).get(key="b2b_invoices").draft
    groups = [draft["always"], *(stage["steps"] for stage in draft["stages"])]
    return {step["key"]: step for group in groups for step in group}


@pytest.mark.covers("S0-11")
def test_the_draft_is_drawn_with_its_law_and_its_checks(treated: Desk, client: Client) -> None:
    page = treated.login(client, "manager").get(f"{AT}?paso=soft").content.decode()
    assert "Guardar en el borrador" in page
    assert "El borrador guardado se puede publicar" in page or "Míralo antes de publicar" in page
    assert "ald-hatch" in page
    assert "Un día después" in page


def test_a_card_is_added_edited_moved_and_taken_away(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    assert manager.post(f"{AT}paso/", CARD).status_code == 302
    added = steps(treated)["carta_firme"]
    assert added["action"] == {"kind": "notice", "template": "overdue_firm", "channels": ["letter", "email"]}
    manager.post(f"{AT}paso/", {**CARD, "paso": "carta_firme", "by_reach": "1"})
    assert steps(treated)["carta_firme"]["action"] == {**added["action"], "by_reach": True}  # type: ignore[dict-item]
    page = manager.get(f"{AT}?paso=carta_firme").content.decode()
    assert re.search(r'name="by_reach"[^>]* checked', page)
    manager.post(f"{AT}paso/", {"paso": "carta_firme", "do": "later"})
    assert steps(treated)["carta_firme"]["offset"] == 36
    manager.post(f"{AT}paso/", {**CARD, "paso": "carta_firme", "kind": "fee", "percent": "3"})
    assert steps(treated)["carta_firme"]["action"] == {"kind": "fee", "percent": 3}
    manager.post(f"{AT}paso/", {"paso": "carta_firme", "do": "remove"})
    assert "carta_firme" not in steps(treated)
    view = strategy.strategy(treated.actors["manager"], "b2b_invoices", as_of=TODAY, language="es")
    assert view.problems == ()


def test_a_fault_is_told_beside_its_card_and_nothing_is_published(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    manager.post(f"{AT}paso/", {**CARD, "condition": "overdu > 5"})
    page = manager.get(f"{AT}?paso=carta_firme")
    assert [fault.step for fault in page.context["found"].faults] == ["carta_firme"]
    assert "Así no se puede publicar" in page.content.decode()
    found = strategy.strategy(treated.actors["manager"], "b2b_invoices", as_of=TODAY, language="es")
    assert [version.number for version in found.versions] == [1]


def test_a_form_with_a_hole_says_which_and_keeps_the_rest(treated: Desk, client: Client) -> None:
    answer = treated.login(client, "manager").post(f"{AT}paso/", {**CARD, "offset": "pronto"})
    assert answer.status_code == 422
    assert answer.context["step_form"].errors.keys() == {"offset"}
    assert "carta_firme" not in steps(treated)


def test_another_kind_asks_for_other_fields(treated: Desk, client: Client) -> None:
    page = treated.login(client, "manager").get(f"{AT}acto/?paso=soft&kind=assign").content.decode()
    assert 'name="holder"' in page
    assert 'name="template"' not in page


def test_a_stage_is_added_with_when_it_is_entered(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    manager.post(f"{AT}etapa/", {"etapa": "nuevo", "name": "Pre legal", "entry": "dpd > 120", "exit": ""})
    draft = Strategy.objects.of(treated.organisation).get(key="b2b_invoices").draft
    assert draft["stages"][-1] == {
        "key": "pre_legal", "steps": [], "name": {"es": "Pre legal", "en": "Pre legal", "pt": "Pre legal"}, "entry": "dpd > 120",
    }  # fmt: skip


def test_who_may_not_edit_only_looks(treated: Desk, client: Client) -> None:
    supervisor = treated.login(client, "supervisor")
    assert "Guardar en el borrador" not in supervisor.get(f"{AT}?paso=soft").content.decode()
    assert supervisor.post(f"{AT}paso/", CARD).status_code == 403


def test_the_draft_is_published_from_its_changes_as_it_was_seen(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    manager.post(f"{AT}paso/", CARD)
    page = manager.get(AT)
    assert "Carta firme" in str(page.context["changes"][0]["place"])
    seen = page.context["found"].mark
    manager.post(f"{AT}paso/", {"paso": "carta_firme", "do": "later"})
    stale = manager.post(f"{AT}publicar/", {"visto": seen, "do": "publish"}, follow=True)
    assert "cambió el borrador mientras lo mirabas" in stale.content.decode()
    again = {"visto": stale.context["found"].mark, "do": "publish", "note": "Una carta más"}
    done = manager.post(f"{AT}publicar/", again, follow=True)
    assert "Versión 2 publicada" in done.content.decode() and not done.context["changes"]
    found = strategy.strategy(treated.actors["manager"], "b2b_invoices", as_of=TODAY, language="es")
    assert (found.versions[0].number, found.versions[0].note) == (2, "Una carta más")


def test_where_two_persons_are_asked_for_the_other_finds_it_in_the_list(
    treated: Desk, client: Client
) -> None:
    access.change_settings(actor=treated.system, now=NOW, settings={strategy.TWO_PERSONS: True})
    manager = treated.login(client, "manager")
    manager.post(f"{AT}paso/", CARD)
    page = manager.get(AT)
    assert "Proponer" in page.content.decode() and 'value="publish"' not in page.content.decode()
    manager.post(f"{AT}publicar/", {"visto": page.context["found"].mark, "do": "propose"})
    boss = treated.login(client, "administrator")
    assert "Por publicar" in boss.get("/estrategias/").content.decode()
    seen = boss.get(AT).context["found"].mark
    done = boss.post(f"{AT}publicar/", {"visto": seen, "do": "publish"}, follow=True)
    assert "Versión 2 publicada" in done.content.decode()
