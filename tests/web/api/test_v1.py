"""The API for integrators: who may, what is another's does not exist, once per key, pages that join, and no call that breaks it."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aldia.access import services as access
from aldia.access import tokens
from aldia.access.actors import system
from aldia.access.models import ApiAnswer, ApiToken
from aldia.access.permissions import Permission as P
from aldia.ledger.models import Document
from aldia.payments.models import Receipt
from aldia.web.api.v1 import doors
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work, stand_at
from tests.web.desk.seed import NOW, Desk, make_desk

BASE = "/api/v1"
WHOLE = tuple(scope for scope in tokens.SCOPES if scope != P.WORK_PLACED)
"""What a token of the house may be given: telling activities is of an agency."""
READS = ("/cases", "/cases/{case}", "/parties/{party}", "/receipts", "/promises", "/outbox")
TODAY = NOW.date()

company = beginning(company_at_work)


@pytest.fixture
def desk(company: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    cache.clear()
    stand_at(monkeypatch, NOW)
    return company


def agency_of(desk: Desk) -> int:
    """The agency of the company, made the first time."""
    terms = access.OutsideTeam("agency", desk.users["supervisor"].pk)
    return access.set_outside_team(
        actor=system(desk.organisation.pk), key="surco", name="Surco", terms=terms, now=NOW
    ).pk


class Caller:
    """A system with a token."""

    def __init__(self, desk: Desk, *permissions: P) -> None:
        self.desk, self.http = desk, Client()
        given, reach = permissions or WHOLE, tokens.WHOLE
        if P.WORK_PLACED in given:
            reach = tokens.Reach(agency_id=agency_of(desk))
        self.row, self.text = tokens.make_token(
            actor=system(desk.organisation.pk), name="ERP", permissions=given, now=NOW, reach=reach
        )
        self.turn = 0

    def get(self, path: str, **asked: Any) -> Any:
        return self.http.get(BASE + path, asked, headers=self._headers())

    def post(self, path: str, body: Any, key: str | None = None, language: str = "es") -> Any:
        self.turn += 1
        headers = {**self._headers(), "Idempotency-Key": key or f"k{self.turn}", "Accept-Language": language}
        return self.http.post(BASE + path, json.dumps(body), content_type="application/json", headers=headers)

    def send(self, method: str, path: str, body: Any) -> Any:
        if method in {"get", "post"}:
            return self.get(path) if method == "get" else self.post(path, body)
        told = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.http, method)(BASE + path, headers=self._headers(), **told)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}


def paths() -> dict[tuple[str, str], P]:
    """Every operation of the API with what it asks of a token."""
    schema = doors.api.get_openapi_schema()
    names = {
        operation.view_func.__name__: (method.lower(), path)
        for _prefix, router in doors.api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    told = {(method, path) for path, each in schema["paths"].items() for method in each}
    assert len(told) == len(names)
    return {names[name]: permission for name, permission in doors.NEEDS.items()}


def body_of(path: str, desk: Desk) -> Any:
    case = desk.case_ids[0]
    owed = Document.objects.of(desk.organisation.pk).filter(account_id=case).first()
    assert owed is not None
    portfolio = owed.portfolio.key
    return {
        "/documents": {
            "portfolio": "Del ERP",
            "documents": [
                {"customer_id": "C-9", "customer_name": "Taller", "number": "F-9", "due_on": "2026-01-31", "amount_minor": 12_050, "currency": "ARS"}
            ],
        },
        "/contacts": {"portfolio": "Del ERP", "contacts": [{"customer_id": "C-9", "customer_name": "Taller", "email": "a@taller.example"}]},
        "/receipts": {
            "portfolio": portfolio, "case": case, "amount_minor": 100, "currency": owed.currency, "on": TODAY.isoformat(), "reference": "T-1",
        },
        "/promises": {"case": case, "amount_minor": 100, "currency": owed.currency, "due_on": str(date.fromordinal(TODAY.toordinal() + 3))},
        "/activities": {"activities": [{"case": case, "at": NOW.isoformat(), "channel": "call", "outcome": "no_answer"}]},
        "/webhooks": {"url": "https://127.0.0.1/avisos"},
        "/webhooks/{int:webhook_id}": {"is_on": False},
        "/webhooks/{int:webhook_id}/secret": {},
    }[path]  # fmt: skip


def filled(path: str, desk: Desk) -> str:
    party = Document.objects.of(desk.organisation.pk).select_related("account").first()
    assert party is not None
    path = path.replace("{int:case_id}", str(desk.case_ids[0]))
    path = path.replace("{int:webhook_id}", "1")
    return path.replace("{int:party_id}", str(party.account.party_id))


def test_each_operation_asks_its_permission_and_no_other_will_do(desk: Desk) -> None:
    every = paths()
    callers = {scope: Caller(desk, scope) for scope in tokens.SCOPES}
    for (method, path), needed in every.items():
        for scope, caller in callers.items():
            answer = caller.send(method, filled(path, desk), None if method == "get" else body_of(path, desk))
            assert (answer.status_code == 403) == (scope != needed), (method, path, scope, answer.content)
            assert answer.status_code < 500


def test_without_a_live_token_nobody_comes_in(desk: Desk) -> None:
    caller = Caller(desk)
    assert caller.get("/cases").status_code == 200
    tokens.revoke_token(actor=system(desk.organisation.pk), token_id=caller.row.pk, now=NOW)
    for (method, path), _needed in paths().items():
        answer = caller.send(method, filled(path, desk), None if method == "get" else {})
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:aldia:no_token"


def test_only_the_digest_of_a_token_is_kept(desk: Desk) -> None:
    caller = Caller(desk)
    kept = ApiToken.objects.of(desk.organisation.pk).get(pk=caller.row.pk)
    assert caller.text not in json.dumps({name: str(value) for name, value in vars(kept).items()})
    assert len(kept.digest) == 64


def test_what_is_of_another_organisation_does_not_exist_here(desk: Desk) -> None:
    other = make_desk("otra")
    caller = Caller(desk)
    assert caller.get(f"/cases/{other.case_ids[0]}").status_code == 404
    receipt = {**body_of("/receipts", desk), "case": other.case_ids[0]}
    promise = {**body_of("/promises", desk), "case": other.case_ids[0]}
    assert caller.post("/receipts", receipt).status_code in {404, 422}
    assert caller.post("/promises", promise).status_code == 404
    mine = {each["id"] for each in caller.get("/cases", limit=200).json()["items"]}
    assert mine.isdisjoint(other.case_ids)


@pytest.mark.covers("S2-24b")
def test_the_same_key_again_does_nothing_and_answers_the_same(desk: Desk) -> None:
    caller = Caller(desk)
    body = body_of("/receipts", desk)
    first, again = caller.post("/receipts", body, "una"), caller.post("/receipts", body, "una")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Receipt.objects.of(desk.organisation.pk).filter(source="api").count() == 1


def test_a_key_that_comes_back_with_another_call_is_refused(desk: Desk) -> None:
    caller = Caller(desk)
    body = body_of("/receipts", desk)
    caller.post("/receipts", body, "una")
    other = caller.post("/receipts", {**body, "reference": "T-2"}, "una")
    assert (other.status_code, other.json()["type"]) == (422, "urn:aldia:key_reused")


def test_a_refused_call_leaves_its_key_free(desk: Desk) -> None:
    caller = Caller(desk)
    body = body_of("/receipts", desk)
    assert caller.post("/receipts", {**body, "on": "2199-01-01"}, "una").status_code == 422
    assert not ApiAnswer.objects.of(desk.organisation.pk).exists()
    assert caller.post("/receipts", body, "una").status_code == 201


def test_the_reference_of_a_receipt_is_for_ever_whatever_the_key(desk: Desk) -> None:
    caller = Caller(desk)
    body = body_of("/receipts", desk)
    one, other = caller.post("/receipts", body), caller.post("/receipts", body)
    assert one.json()["id"] == other.json()["id"]
    assert caller.post("/receipts", {**body, "amount_minor": 101}).status_code == 409


def test_documents_merge_as_a_file_does(desk: Desk) -> None:
    caller = Caller(desk)
    body = body_of("/documents", desk)
    assert caller.post("/documents", body).json()["new"] == 1
    assert caller.post("/documents", body).json()["same"] == 1
    body["documents"][0]["amount_minor"] = 10_000
    assert caller.post("/documents", body).json()["changed"] == 1
    kept = Document.objects.of(desk.organisation.pk).get(number="F-9")
    assert (kept.original_minor, kept.balance_minor) == (10_000, 10_000)
    assert caller.post("/contacts", body_of("/contacts", desk)).json()["rejected"] == 0


def test_a_row_that_cannot_enter_says_which_and_why(desk: Desk) -> None:
    body = body_of("/documents", desk)
    bad = {**body["documents"][0], "number": "F-10", "amount_minor": -500}
    told = Caller(desk).post("/documents", {**body, "documents": [*body["documents"], bad]}).json()
    assert (told["new"], told["rejected"]) == (1, 1)
    assert (told["problems"][0]["row"], told["problems"][0]["field"]) == (3, "amount")


def test_pages_join_without_gap_or_repeat(desk: Desk) -> None:
    caller = Caller(desk)
    whole = [each["id"] for each in caller.get("/cases", limit=200).json()["items"]]
    found: list[int] = []
    cursor = ""
    for _turn in range(len(whole) + 1):
        page = caller.get("/cases", limit=2, cursor=cursor).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert found == whole
    assert caller.get("/cases", cursor="no-es").status_code == 400


@pytest.mark.parametrize(
    ("language", "word"), [("es", "permiso"), ("en", "permission"), ("pt-BR", "permissão")]
)
def test_a_refusal_speaks_the_language_of_who_calls(desk: Desk, language: str, word: str) -> None:
    answer = Caller(desk, P.SEE_ALL_CASES).post("/promises", body_of("/promises", desk), language=language)
    assert answer.status_code == 403
    assert word in answer.json()["detail"]


def test_a_body_that_is_no_json_or_too_large_says_so(desk: Desk) -> None:
    caller = Caller(desk)
    told = {"content_type": "application/json", "headers": {**caller._headers(), "Idempotency-Key": "una"}}
    broken = caller.http.post(f"{BASE}/receipts", "{", **told)
    assert (broken.status_code, broken.json()["type"]) == (400, "urn:aldia:not_json")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        large = caller.http.post(f"{BASE}/receipts", json.dumps(body_of("/receipts", desk)), **told)
    assert (large.status_code, large.json()["type"]) == (413, "urn:aldia:too_big")


def test_too_many_calls_are_told_to_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller(desk)
    throttle = doors.api.throttle[0]
    monkeypatch.setattr(throttle, "num_requests", 2)
    answers = [caller.get("/outbox") for _turn in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_the_schema_is_openapi_3_1_and_says_every_status(desk: Desk) -> None:
    schema = Client().get(f"{BASE}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for path, each in schema["paths"].items():
        for method, operation in each.items():
            assert {"401", "403", "422", "429"} <= set(operation["responses"]), (path, method)


JUNK: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just("2026-02-30"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    path=st.sampled_from(["/documents", "/contacts", "/receipts", "/promises"]),
    place=st.integers(0, 9),
    value=JUNK,
)
def test_no_body_breaks_it(desk: Desk, path: str, place: int, value: Any) -> None:
    """A good body with one value of it changed for anything: done or refused in words, in a status that the schema tells."""
    cache.clear()
    body = body_of(path, desk)
    inner = body.get("documents") or body.get("contacts") or [body]
    target = inner[0] if place % 2 and isinstance(inner[0], dict) else body
    name = sorted(target)[place % len(target)]
    target[name] = value
    answer = Caller(desk).post(path, body)
    assert answer.status_code in {200, 201, 400, 404, 409, 422}, (path, name, value, answer.content)
    assert answer.json()
