"""The keypad of automatic calls, tried in words: what the client hears, and what each key would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import translation
from django.views.decorators.http import require_http_methods

from aldia.chat import keypad_trial, keypad_words
from aldia.contact.calls.menus import SILENCE
from aldia.domain.keypad import State
from aldia.web.desk.doors import staff
from aldia.web.desk.views.settings_index import READERS, index

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

SALT: Final = "aldia.desk.keypad"
_LANGUAGES: Final = (("es", "Español"), ("en", "English"), ("pt-br", "Português"))
CLIENT, CALL, WOULD = "client", "call", "would"  # who each line of the talk is of


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def try_keypad(request: StaffRequest) -> HttpResponse:
    """Draw a call as it is heard; a POST presses a key. Nobody's telephone rings and nothing is kept."""
    language = next((key for key, _word in _LANGUAGES if key == request.POST.get("idioma")), "es")
    with translation.override(language):
        talk = _talk(request, language)
        key = request.POST.get("tecla", "")
        if not talk["is_over"] and (key in keypad_trial.KEYS or key == SILENCE):
            heard = keypad_trial.press(State.from_data(talk["state"]), key, is_known=bool(talk["is_known"]))
            talk = _with(request, talk, heard, [[CLIENT, "…" if key == SILENCE else key]])
    context = {
        **index(request, "channels"), "said": talk["said"], "kept": signing.dumps(talk, salt=SALT), "is_over": talk["is_over"],
        "keys": keypad_trial.KEYS, "silence": SILENCE, "digits": keypad_trial.DIGITS, "languages": _LANGUAGES, "language": language,
    }  # fmt: skip
    return render(request, "desk/settings/keypad_try.html", context)


def _talk(request: StaffRequest, language: str) -> dict[str, Any]:
    """The call so far, in a field that nobody can change; another language is another call."""
    try:
        talk: dict[str, Any] = signing.loads(request.POST.get("hablado", ""), salt=SALT)
    except signing.BadSignature:
        talk = {}
    if talk.get("language") == language and "otra" not in request.POST:
        return talk
    return _with(request, {"language": language, "said": []}, keypad_trial.begin(), [])


def _with(
    request: StaffRequest, talk: dict[str, Any], heard: keypad_trial.Heard, said: list[list[str]]
) -> dict[str, Any]:
    heard_words = (
        keypad_words.in_words(request.actor.organisation_id, line, talk["language"]) for line in heard.says
    )
    lines = [*said, *([CALL, text] for text in heard_words), *([WOULD, text] for text in heard.would)]
    return {
        **talk, "state": heard.state.to_data(), "is_known": heard.is_known, "is_over": heard.is_over,
        "said": [*talk["said"], *lines][-60:],
    }  # fmt: skip


urls: list[URLPattern] = [path("ajustes/llamadas/teclas/", try_keypad, name="settings-keypad-try")]
