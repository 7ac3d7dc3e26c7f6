"""Tokens for a part of the organisation, the list of documents, what agencies tell by call, and subscriptions to the webhooks."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from aldia.access import tokens
from aldia.access.permissions import Permission as P
from aldia.contact.models import WebhookEndpoint
from tests.beginnings import beginning
from tests.web.agency.seed import Windows, make_windows
from tests.web.desk.conftest import stand_at
from tests.web.desk.seed import NOW

BASE = "/api/v1"
company = beginning(make_windows)


@pytest.fixture
def windows(company: Windows, monkeypatch: pytest.MonkeyPatch) -> Windows:
    cache.clear()
    stand_at(monkeypatch, NOW)
    return company


class Caller:
    """A system with a token for a part of the organisation."""

    def __init__(self, windows: Windows, *permissions: P, **reach: Any) -> None:
        _row, self.text = tokens.make_token(
            actor=windows.desk.system,
            name="Otro",
            permissions=permissions,
            now=NOW,
            reach=tokens.Reach(**reach),
        )
        self.http = Client()

    def __call__(self, method: str, path: str, body: Any = None, key: str = "una") -> Any:
        told = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        headers = {"Authorization": f"Bearer {self.text}", "Idempotency-Key": key}
        return getattr(self.http, method)(BASE + path, headers=headers, **told)


@pytest.mark.covers("S2-10a")
@pytest.mark.parametrize("part", ["creditor_ids", "portfolio_ids"])
def test_a_token_for_a_part_sees_that_part_alone_and_writes_nowhere_else(windows: Windows, part: str) -> None:
    keys = {"creditor_ids": (windows.creditor_id,), "portfolio_ids": (windows.portfolio_id,)}[part]
    call = Caller(windows, P.SEE_ALL_CASES, P.LOAD_FILES, P.REGISTER_RECEIPTS, P.WORK_CASES, **{part: keys})
    assert {each["id"] for each in call("get", "/cases?limit=200").json()["items"]} == set(windows.owned)
    assert {each["case"] for each in call("get", "/documents").json()["items"]} == set(windows.owned)
    assert call("get", "/receipts").json()["items"] == []
    assert call("get", "/promises").json()["items"] == []
    assert call("get", "/outbox").status_code == 403
    foreign = windows.desk.case(5)
    assert call("get", f"/cases/{foreign.pk}").status_code == 404
    assert call("get", f"/parties/{foreign.party_id}").status_code == 404
    promise = {"case": foreign.pk, "amount_minor": 100, "currency": "ARS", "due_on": "2026-11-27"}
    assert call("post", "/promises", promise, "p").status_code == 404
    money = {
        "portfolio": "mayorista",
        "case": foreign.pk,
        "amount_minor": 1,
        "currency": "ARS",
        "on": "2026-11-24",
        "reference": "x",
    }
    assert call("post", "/receipts", money, "r").status_code == 404
    debt = {
        "customer_id": "C",
        "customer_name": "C",
        "number": "F",
        "due_on": "2026-01-31",
        "amount_minor": 1,
        "currency": "ARS",
    }
    for name in ("Mayorista", "Una nueva"):
        assert call("post", "/documents", {"portfolio": name, "documents": [debt]}, name).status_code == 404


def test_documents_come_in_pages_that_join_and_by_filters(windows: Windows) -> None:
    call = Caller(windows, P.SEE_ALL_CASES)
    whole = [each["id"] for each in call("get", "/documents?limit=200").json()["items"]]
    found: list[int] = []
    cursor = ""
    for _turn in whole:
        page = call("get", f"/documents?limit=50&cursor={cursor}").json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert found == whole
    mine = call("get", "/documents?portfolio=tarjetas&state=OPEN&due_from=2026-01-01").json()["items"]
    assert {each["case"] for each in mine} == set(windows.owned)
    assert [
        each["number"] for each in call("get", f"/documents?number={mine[0]['number']}").json()["items"]
    ] == [mine[0]["number"]]
    assert call("get", "/documents?state=raro").status_code == 422


@pytest.mark.covers("S2-9b", "S4-23a")
def test_an_agency_tells_its_activities_once_by_call_and_only_in_its_cases(windows: Windows) -> None:
    call = Caller(windows, P.WORK_PLACED, P.SEE_ALL_CASES, agency_id=windows.agency_id)
    one = {
        "at": "2026-11-24T09:00:00",
        "channel": "call",
        "outcome": "promise",
        "amount_minor": 150_050,
        "on": "2026-11-27",
    }
    body = {"activities": [{**one, "case": windows.placed[0]}, {**one, "case": windows.owned[0]}]}
    told = call("post", "/activities", body).json()
    assert (told["new"], told["rejected"], told["problems"][0]["row"]) == (1, 1, 2)
    assert call("post", "/activities", body)["Idempotent-Replayed"] == "true"
    again = call("post", "/activities", body, "otra").json()
    assert (again["new"], again["same"]) == (0, 1)
    assert {each["id"] for each in call("get", "/cases").json()["items"]} == set(windows.placed)


def test_a_token_of_an_agency_is_of_one_and_settings_are_never_a_part(windows: Windows) -> None:
    for permissions, reach in (
        ((P.WORK_PLACED,), {}), ((P.SEE_ALL_CASES,), {"agency_id": windows.agency_id}),
        ((P.EDIT_SETTINGS,), {"portfolio_ids": (windows.portfolio_id,)}),
    ):  # fmt: skip
        with pytest.raises(tokens.TokenRefused):
            Caller(windows, *permissions, **reach)


@override_settings(WEBHOOKS_MAY_STAY_INSIDE=True)
def test_a_subscription_is_made_listed_paused_given_a_new_secret_and_ended(windows: Windows) -> None:
    call = Caller(windows, P.EDIT_SETTINGS)
    made = call("post", "/webhooks", {"url": "https://erp.example/avisos"})
    key = made.json()["id"]
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert call("post", "/webhooks", {"url": "https://otro.example/"}, "b").status_code == 409
    assert call("get", "/webhooks").json()["items"] == [
        {"id": key, "url": "https://erp.example/avisos", "is_on": True, "secret": None}
    ]
    assert call("patch", f"/webhooks/{key}", {"is_on": False}).json()["is_on"] is False
    sealed = WebhookEndpoint.objects.of(windows.desk.organisation).get().secret
    turned = call("post", f"/webhooks/{key}/secret", {}, "c").json()["secret"]
    assert turned.startswith("whsec_")
    assert turned != made.json()["secret"]
    assert WebhookEndpoint.objects.of(windows.desk.organisation).get().secret != sealed
    assert call("delete", f"/webhooks/{key}").status_code == 204
    assert call("get", "/webhooks").json()["items"] == []
    assert call("delete", f"/webhooks/{key}").status_code == 404
