"""The audit screen: newest first, filters in the address, and the state of the chain."""

import pytest
from django.test import Client

from aldia.access import audit
from aldia.web.desk.views import audit_words
from tests.web.desk.seed import NOW, Desk

pytestmark = pytest.mark.django_db


def test_the_auditor_reads_who_did_what_and_that_the_chain_is_whole(desk: Desk, client: Client) -> None:
    audit.seal(actor=desk.system, now=NOW)
    answer = desk.login(client, "auditor").get("/auditoria/")
    page = answer.content.decode()
    assert "Cadena íntegra" in page
    assert "aldia, por sí sola" in page
    ids = [row["event"].pk for row in answer.context["rows"]]
    assert ids == sorted(ids, reverse=True)


def test_conditions_narrow_and_pages_go_on(desk: Desk, client: Client) -> None:
    auditor = desk.login(client, "auditor")
    first = auditor.get("/auditoria/").context
    second = auditor.get(f"/auditoria/?pagina={first['next']}").context
    assert second["rows"][0]["event"].pk < first["rows"][-1]["event"].pk
    ana = auditor.get(f"/auditoria/?quien=user:{desk.users['ana'].pk}&que=outcomes").context["rows"]
    assert ana
    assert {row["who"] for row in ana} == {"Julieta Sosa"}


@pytest.mark.parametrize(
    "query", ["pagina=x", "pagina=99999999999999999999", "quien=nobody", "objeto=';--", "id=%00"]
)
def test_strange_conditions_never_break_the_page(desk: Desk, client: Client, query: str) -> None:
    assert desk.login(client, "auditor").get(f"/auditoria/?{query}", follow=True).status_code == 200


def test_a_collector_does_not_read_the_trail(desk: Desk, client: Client) -> None:
    assert desk.login(client, "ana").get("/auditoria/").status_code == 403


def test_every_event_is_told_in_words_and_the_record_stays_one_click_away(desk: Desk, client: Client) -> None:
    rows = desk.login(client, "auditor").get("/auditoria/").context["rows"]
    assert all(row["deed"] == audit_words.DEEDS[row["event"].verb] for row in rows)
    assert not [row["thing"] for row in rows if "_" in row["thing"]]
    told = " · ".join(row["told"] for row in rows)
    assert "{" not in told
    assert "_" not in told


def test_a_deed_without_words_of_its_own_is_still_readable() -> None:
    assert audit_words.deed("cases.future.long_jump") == "Long jump"
    assert audit_words.thing("organisation", "1") == "Organización"
    assert audit_words.page_of("case", "many") == ""
