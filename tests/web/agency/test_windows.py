"""The windows of people from outside: each sees its own part and nothing else, and nobody of the house comes in by them."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, reverse

from aldia.access.permissions import Permission as P
from aldia.access.permissions import permissions_of
from aldia.cases import services as cases
from aldia.cases.models import Case
from aldia.ledger.services.owning import change_owner
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Outcome
from tests.beginnings import beginning
from tests.web.agency.seed import CANARY, Windows, make_windows
from tests.web.desk.conftest import stand_at
from tests.web.desk.seed import NOW, TODAY, make_desk
from tests.web.test_permissions import guarded

company = beginning(make_windows)
OWN = {"desk:home", "desk:notifications-read", "desk:digest", "desk:switch"}
"""Leads to the window, or touches nobody but the reader."""
ROLES = {"agency": "AGENCY", "creditor": "CREDITOR"}


@pytest.fixture
def windows(company: Windows, monkeypatch: pytest.MonkeyPatch) -> Windows:
    stand_at(monkeypatch, NOW)
    return company


def rooms() -> list[tuple[str, URLPattern]]:
    return [(name, pattern) for name, pattern in guarded() if name.startswith("agency:")]


def addresses(windows: Windows, who: str) -> list[str]:
    """Every page, list, file and case that the role may open."""
    case = (windows.placed if who == "agency" else windows.owned)[0]
    values: dict[str, Any] = {"case_id": case, "kind": "csv", "remittance_id": 1, "file_id": 1}
    mine = permissions_of(ROLES[who])
    return [
        reverse(name, kwargs={key: values[key] for key in pattern.pattern.converters})
        for name, pattern in rooms()
        if set(pattern.callback.needs) & mine  # type: ignore[attr-defined]
    ]


def text_of(answer: Any) -> str:
    content = answer.content
    if content[:2] == b"PK":
        with ZipFile(BytesIO(content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return str(content.decode("utf-8", "replace"))


def strangers(windows: Windows, who: str) -> list[str]:
    """The names that must never be seen from a window: the clients of everybody else."""
    mine = set(windows.placed if who == "agency" else windows.owned)
    rows = Case.objects.of(windows.desk.organisation).exclude(pk__in=mine)
    return [row.debtor_name for row in rows]


@pytest.mark.covers("S2-10a")
@pytest.mark.parametrize("who", ["agency", "creditor"])
def test_no_page_list_or_file_shows_a_client_of_somebody_else(
    windows: Windows, client: Client, who: str
) -> None:
    windows.enter(client, who)
    other = make_desk("otra")
    leaks, read = [], 0
    for address in addresses(windows, who):
        answer = client.get(address)
        assert answer.status_code in {200, 404, 405}, (address, answer.status_code)
        read += answer.status_code == 200
        leaks += [
            (address, name)
            for name in strangers(windows, who)
            if name in text_of(answer).replace("&amp;", "&")
        ]
    assert leaks == []
    assert read >= 5
    foreign = (*windows.placed, *windows.owned, *windows.desk.case_ids[5:8], *other.case_ids[:2])
    mine = windows.placed if who == "agency" else windows.owned
    seen = [key for key in foreign if client.get(reverse("agency:case", args=[key])).status_code == 200]
    assert seen == list(mine)


@pytest.mark.covers("S2-10a")
@pytest.mark.parametrize("who", ["agency", "creditor"])
def test_no_door_of_the_desk_opens_to_people_from_outside(windows: Windows, client: Client, who: str) -> None:
    windows.enter(client, who)
    for name, pattern in guarded():
        if name.startswith("agency:") or name in OWN:
            continue
        values = {
            key: 1 if type(kind).__name__ == "IntConverter" else "x"
            for key, kind in pattern.pattern.converters.items()
        }
        answers = [
            getattr(client, method)(reverse(name, kwargs=values)).status_code for method in ("get", "post")
        ]
        assert set(answers) <= {403, 405}, (name, answers)


@pytest.mark.covers("S2-10a")
def test_each_window_opens_to_its_own_role_alone(windows: Windows, client: Client) -> None:
    for who in ("agency", "creditor", "collector", "administrator", "auditor"):
        if who in ROLES:
            windows.enter(client, who)
        else:
            windows.desk.login(client, "ana" if who == "collector" else who)
        mine = permissions_of(ROLES.get(who, ""))
        for name, pattern in rooms():
            if not pattern.pattern.converters:
                status = client.get(reverse(name)).status_code
                assert (status != 403) == bool(set(pattern.callback.needs) & mine), (who, name, status)  # type: ignore[attr-defined]


def test_people_from_outside_begin_in_their_window(windows: Windows, client: Client) -> None:
    assert windows.enter(client, "agency").get("/").url == reverse("agency:cases")
    assert windows.enter(client, "creditor").get("/").url == reverse("agency:portfolios")


@pytest.mark.covers("S2-10a")
def test_a_creditor_sees_its_money_and_no_longer_what_it_sold(windows: Windows, client: Client) -> None:
    desk = windows.desk
    desk.receives(windows.owned[0], 700_00, reference="R-7", portfolio_id=windows.portfolio_id)
    windows.enter(client, "creditor")
    page = client.get(reverse("agency:portfolios"))
    assert [row["cases"] for row in page.context["rows"]] == [2]
    assert page.context["rows"][0]["money"][0]["came_in_minor"] == 700_00
    assert "R-7" in text_of(client.get(reverse("agency:receipts-file", args=["xlsx"])))
    change_owner(
        actor=desk.system,
        portfolio_id=windows.portfolio_id,
        name="Fondo Gorrión",
        tax_id="",
        from_on=TODAY,
        note="",
        clock=desk.clock,
    )
    assert client.get(reverse("agency:portfolios")).context["rows"] == []
    assert CANARY not in text_of(client.get(reverse("agency:cases")))
    assert client.get(reverse("agency:case", args=[windows.owned[0]])).status_code == 404


@pytest.mark.covers("S2-9b", "S2-10a")
def test_an_agency_notes_a_promise_once_for_a_click_and_only_in_its_cases(
    windows: Windows, client: Client
) -> None:
    windows.enter(client, "agency")
    told = {
        "outcome": "promise",
        "channel": "call",
        "amount": "1500",
        "on": "2026-11-27",
        "at": "2026-11-24T09:30",
        "click": "abc",
    }
    address = reverse("agency:tell", args=[windows.placed[0]])
    assert [client.post(address, told).status_code for _ in range(2)] == [302, 302]
    assert Outcome.objects.of(windows.desk.organisation).filter(client_id="win-abc").count() == 1
    bad = client.post(address, {**told, "click": "otra", "on": "2026-01-01"})
    assert bad.status_code == 422
    assert "Esa fecha ya pasó" in text_of(bad)
    assert (
        client.post(reverse("agency:tell", args=[windows.owned[0]]), {**told, "click": "x"}).status_code
        == 404
    )
    windows.enter(client, "creditor")
    assert client.post(reverse("agency:tell", args=[windows.owned[0]]), told).status_code == 403


@pytest.mark.covers("S2-9b")
def test_a_file_of_the_window_is_tried_taken_and_its_bad_rows_come_back(
    windows: Windows, client: Client
) -> None:
    windows.enter(client, "agency")
    text = f"caso;fecha;canal;resultado\n{windows.placed[0]};2026-11-24 09:00;call;no_answer\n{windows.owned[0]};2026-11-24;call;no_answer\n"

    def given() -> SimpleUploadedFile:
        return SimpleUploadedFile("g.csv", text.encode())

    tried = client.post(reverse("agency:activities"), {"archivo": given(), "probar": "1"})
    assert tried.context["result"].new == 1
    assert client.get(reverse("agency:activities")).context["files"] == []
    done = client.post(reverse("agency:activities"), {"archivo": given()}, follow=True)
    kept = done.context["row"]
    assert (kept.result["new"], kept.result["rejected"]) == (1, 1)
    back = text_of(client.get(reverse("agency:rejected", args=[kept.pk])))
    assert str(windows.owned[0]) in back
    assert "Qué corregir" in back
    assert [line.split(",")[0] for line in back.splitlines()[1:]] == [str(windows.owned[0])]
    assert (
        client.post(
            reverse("agency:activities"), {"archivo": SimpleUploadedFile("x.csv", b"a;b\n1;2\n")}
        ).status_code
        == 422
    )


def test_notes_of_the_house_stay_in_the_house(windows: Windows, client: Client) -> None:
    cases.add_note(actor=windows.desk.ana, case_id=windows.placed[0], body="secreto interno", now=NOW)
    activity = outcomes.Activity(
        windows.placed[0], NOW, "call", "informed", {"note": "habló con la socia"}, "n1"
    )
    outcomes.log_activity(actor=windows.actors["agency"], activity=activity, clock=windows.desk.clock)
    page = text_of(windows.enter(client, "agency").get(reverse("agency:case", args=[windows.placed[0]])))
    assert "secreto interno" not in page
    assert "habló con la socia" in page


def test_the_permissions_of_the_windows_are_of_nobody_else() -> None:
    mine = {P.WORK_PLACED, P.SEE_OWN_PORTFOLIOS}
    for role in ("COLLECTOR", "SUPERVISOR", "MANAGER", "ADMINISTRATOR", "AUDITOR"):
        assert not mine & permissions_of(role)
    assert json.dumps(sorted(permissions_of("AGENCY") | permissions_of("CREDITOR"))) == json.dumps(
        sorted(mine)
    )
