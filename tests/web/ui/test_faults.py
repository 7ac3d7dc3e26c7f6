"""What goes wrong is said calmly, in the reader's language, without asking the database."""

import errno

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db.utils import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from aldia.access.permissions import NotAllowed, Permission
from aldia.db.faults import is_away
from aldia.web.ui import faults

pytestmark = pytest.mark.usefixtures("dist")

FAULTS: dict[str, BaseException] = {
    "lost": Http404("secreto"),
    "odd": SuspiciousOperation("secreto"),
    "wrong": ValueError("secreto"),
    "full": OperationalError("database or disk is full: secreto"),
    "gone": InterfaceError("connection already closed: secreto"),
    "no-space": OSError(errno.ENOSPC, "secreto"),
}
STATUS = {"lost": 404, "odd": 400, "wrong": 500, "full": 503, "gone": 503, "no-space": 503}
WORDS = {
    "es": {400: "No pudimos leer", 404: "No encontramos", 500: "Algo falló", 503: "está volviendo"},
    "en": {400: "could not read", 404: "not find that page", 500: "on our side", 503: "coming back"},
    "pt-br": {400: "Não conseguimos ler", 404: "Não encontramos", 500: "falhou", 503: "está voltando"},
}


def fails(_request: HttpRequest, name: str) -> HttpResponse:
    raise FAULTS[name]


@require_POST
def step(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("hecho")


urlpatterns = [
    path("paso/", step),
    path("falla/<str:name>/", csrf_exempt(fails)),
    path("p/TOKEN/falla/<str:name>/", fails),
]
handler400, handler404, handler500 = faults.bad_request, faults.not_found, faults.broken


@pytest.fixture
def visitor(settings: object) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
    ]
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_calm_page_in_the_readers_language_without_database(
    visitor: Client, name: str, language: str
) -> None:
    visitor.cookies["django_language"] = language
    visitor.cookies["aldia_theme"] = "dark"
    page = visitor.get(f"/falla/{name}/")  # no database mark: any query would fail the test
    html = page.content.decode()
    assert page.status_code == STATUS[name]
    assert WORDS[language][STATUS[name]] in html
    assert f'lang="{language}"' in html.lower()
    assert 'data-bs-theme="dark"' in html
    assert "secreto" not in html
    assert "Traceback" not in html


def test_what_is_away_says_when_to_try_again_and_where(visitor: Client) -> None:
    read = visitor.get("/falla/full/?a=1")
    assert read["Retry-After"] == "10"
    assert 'href="/falla/full/?a=1"' in read.content.decode()
    wrote = visitor.post("/falla/full/", headers={"referer": "http://testserver/caso/7/?x=1"})
    assert 'href="/caso/7/?x=1"' in wrote.content.decode()
    elsewhere = visitor.post("/falla/full/", headers={"referer": "http://evil.example/x"})
    assert "evil.example" not in elsewhere.content.decode()


def test_a_customer_is_never_sent_to_the_desk(visitor: Client) -> None:
    html = visitor.get("/p/TOKEN/falla/wrong/").content.decode()
    assert 'href="/p/TOKEN/"' in html
    assert 'href="/"' not in html


def test_a_missing_permission_is_named_when_it_has_a_name() -> None:
    request = RequestFactory().get("/x/")
    refusal = NotAllowed(Permission.SEE_AUDIT)
    response = faults.not_allowed(request, refusal)
    assert response.status_code == 403
    assert "no es para tu rol" in response.content.decode()
    assert "audit.see" in response.content.decode()


def test_only_what_passes_by_itself_is_called_away() -> None:
    assert is_away(OperationalError("database is locked"))
    wrapped = RuntimeError("while saving")
    wrapped.__cause__ = OSError(errno.ENOSPC, "full")
    assert is_away(wrapped)
    assert not is_away(ValueError("wrong"))
    assert not is_away(FileNotFoundError(errno.ENOENT, "missing"))
    assert not is_away(None)


@pytest.mark.django_db
@pytest.mark.urls("tests.web.ui.test_faults")
def test_the_step_of_a_form_that_is_opened_by_hand_is_no_empty_page() -> None:
    opened = Client().get("/paso/")
    assert (opened.status_code, opened["Allow"]) == (405, "POST")
    assert "no se abre sola" in opened.content.decode()
    assert Client().post("/paso/").content == b"hecho"
