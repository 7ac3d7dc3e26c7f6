"""The conversation with the assistant: bubbles and a form, without a script. Neutral until who writes is known."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aldia.chat import selectors, services
from aldia.chat.switching import rules_of
from aldia.chat.words import Voice, told
from aldia.db.walls import behind_wall
from aldia.domain.chat import machine
from aldia.domain.chat.talk import CheckIdentity, Heard, Here, Line, Say, State, Step
from aldia.web.portal.forms import ProofField
from aldia.web.portal.views.account import account_context
from aldia.web.portal.views.answers import kept_file
from aldia.web.portal.visits import Visit, anyone, is_verified, language_of, remember, visit_of

SALT: Final = "aldia.portal.chat"
_PAGE: Final = re.compile(r"\.\./(pagar|acuerdo)/")
_WRONG: Final = 422


class ChatForm(forms.Form):
    """A message, perhaps with the proof of a payment."""

    texto = forms.CharField(max_length=2_000, required=False)
    clave = forms.CharField(max_length=40, required=False)
    archivo = ProofField(required=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        if not self.errors and not answers.get("texto", "").strip() and not answers.get("archivo"):
            raise forms.ValidationError(_("Escribe algo, o manda un archivo."))
        return answers


@dataclass(frozen=True)
class Shown:
    """One bubble: whose, and its pieces of text, each perhaps with the page that it leads to."""

    is_mine: bool
    name: str
    pieces: list[tuple[str, str]]


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def chat(request: HttpRequest, token: str) -> HttpResponse:
    """Talk. Whoever is not known sees the same page for a link that lives and for one that does not."""
    visit = _talking(token)
    if visit is None:
        return _as_a_stranger(request, token)
    with translation.override(language_of(visit)), behind_wall(visit.organisation.pk):
        return _known(request, visit) if is_verified(request, visit) else _stranger(request, visit)


def _talking(token: str) -> Visit | None:
    """The visit of a link whose portfolio has the assistant on."""
    visit = visit_of(token)
    is_on = visit is not None and rules_of(visit.organisation, visit.portfolio).answers("portal")
    return visit if is_on else None


def _known(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = ChatForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        _write(visit, form, is_known=True)
        return redirect(f"{reverse('portal:chat', args=[visit.token])}#fin")
    bubbles = [
        Shown(row.who == "debtor", row.name, _pieces(row.text, visit.token))
        for row in selectors.transcript(visit.actor, visit.case_id)
    ]
    held = selectors.holding_of(visit.actor, visit.case_id)
    context = account_context(visit) | {
        "bubbles": bubbles or [Shown(False, "", [(_line(Say.WHO), "")]), Shown(False, "", [(_line(Say.MENU), "")])],
        "is_held": held is not None and held.is_held, "holder": held.holder if held else "", **_form(form),
        "choices": _choices(), "is_known": True,
    }  # fmt: skip
    return render(request, "portal/chat.html", context, status=_WRONG if form.errors else 200)


def _stranger(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What was written now and its answer; nothing of what was said before."""
    form = ChatForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _neutral(request, visit.token, form, [], State(step=Step.IDENTITY))
    answer = _write(visit, form, is_known=False)
    if answer.is_known:
        return remember(redirect(f"{reverse('portal:chat', args=[visit.token])}#fin"), visit)
    return _neutral(request, visit.token, form, list(answer.lines), _told_state(request))


def _as_a_stranger(request: HttpRequest, token: str) -> HttpResponse:
    """The same dialogue with nobody behind it: no digits are ever the right ones."""
    form, state = ChatForm(request.POST or None), _told_state(request)
    if request.method != "POST" or not form.is_valid():
        return _neutral(request, token, form, [], State(step=Step.IDENTITY))
    here = Here(timezone.now().date(), translation.get_language() or "es", "USD")
    turn = machine.step(state, Heard(form.cleaned_data["texto"]), known=None, here=here)
    if turn.acts and isinstance(turn.acts[0], CheckIdentity):
        turn = machine.checked(turn.state, machine.Identity.WRONG, known=None, here=here)
    return _neutral(request, token, form, [_line(line.say) for line in turn.lines], turn.state)


def _told_state(request: HttpRequest) -> State:
    try:
        return State.from_data(signing.loads(request.POST.get("estado", ""), salt=SALT))
    except signing.BadSignature:
        return State(step=Step.IDENTITY)


def _neutral(
    request: HttpRequest, token: str, form: ChatForm, lines: list[str], state: State
) -> HttpResponse:
    mine = [form.cleaned_data["texto"]] if lines and form.is_bound else []
    said = lines or [_line(Say.WHO), _line(Say.ASK_IDENTITY)]
    bubbles = [Shown(True, "", [(text, "")]) for text in mine] + [
        Shown(False, "", [(text, "")]) for text in said
    ]
    kept = State(step=state.step, tries=state.tries, misses=state.misses)
    context = {
        "token": token, "bubbles": bubbles, "estado": signing.dumps(kept.to_data(), salt=SALT), **_form(form),
    }  # fmt: skip
    return render(request, "portal/chat.html", context, status=_WRONG if form.errors else 200)


def _write(visit: Visit, form: ChatForm, *, is_known: bool) -> services.Answer:
    proof = form.cleaned_data.get("archivo") if is_known else None
    written = services.Written(
        text=form.cleaned_data["texto"] or (_("(archivo)") if proof else ""),
        client_id=form.cleaned_data["clave"] or secrets.token_urlsafe(9), file_id=kept_file(visit, proof), is_known=is_known,
    )  # fmt: skip
    return services.talk(link=visit.link, written=written, clock=visit.clock)


def _form(form: ChatForm) -> dict[str, Any]:
    errors = [str(error) for field in form.errors.values() for error in field]
    return {"problem": " ".join(errors), "clave": secrets.token_urlsafe(9)}


def _line(say: Say) -> str:
    language = translation.get_language() or "es"
    return told(Line(say), Voice(language, language, timezone.now().date()))


def _choices() -> list[tuple[str, str]]:
    """The doors of the menu, to be pressed instead of written."""
    return [
        ("1", _("Cuánto debo")), ("2", _("Pagar")), ("3", _("Elegir una fecha")), ("4", _("Cuotas")), ("5", _("Ya pagué")),
        ("6", _("Hay un error")), ("7", _("Una persona")),
    ]  # fmt: skip


def _pieces(text: str, token: str) -> list[tuple[str, str]]:
    """The text, cut where it names a page: there goes a link with the page's own word."""
    words = {"pagar": ("portal:pay", _("Pagar")), "acuerdo": ("portal:agreement", _("Leer el acuerdo"))}
    pieces = _PAGE.split(text)
    return [
        (piece, "") if at % 2 == 0 else (words[piece][1], reverse(words[piece][0], args=[token]))
        for at, piece in enumerate(pieces)
        if piece
    ]


urls = [path("<str:token>/chat/", chat, name="chat")]
