"""The audit screen: newest first, filters in the address, and the state of the chain."""

import re

import pytest
from django.test import Client

from aldia.access import audit
from aldia.domain.instruments import InstrumentState
from aldia.outcomes.models import AgreementState
from aldia.web.desk.views import audit_words
from aldia.web.desk.views.audit import ROOMS
from tests.house.sources import python_files
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


def test_every_deed_that_is_recorded_somewhere_has_its_words() -> None:
    source = [path.read_text(encoding="utf-8") for path in python_files("src")]
    told = {
        name: {word for text in source for word in re.findall(rf'\b{name}="([a-z_.]+)"', text)}
        for name in ("verb", "object_type")
    }
    assert len(told["verb"]) > 100
    assert told["verb"] - set(audit_words.DEEDS) == set()
    assert told["object_type"] - set(audit_words.OBJECTS) == set()
    assert {verb.partition(".")[0] for verb in told["verb"]} <= set(ROOMS)


def test_what_is_done_to_a_thing_in_steps_has_words_for_each() -> None:
    steps = {
        "ledger.instrument": {state.value for state in InstrumentState},
        "outcomes.agreement": {AgreementState.FULFILLED.value, AgreementState.FALLEN.value, "propose", "approve", "refuse", "withdraw", "accept"},
        "contact.webhook": {"set", "pause", "resume", "rotate", "remove", "again"},
        "payments.box": {"open", "close"},
    }  # fmt: skip
    assert {f"{thing}.{step}" for thing, many in steps.items() for step in many} <= set(audit_words.DEEDS)
