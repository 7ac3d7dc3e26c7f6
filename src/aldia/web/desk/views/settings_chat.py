"""Settings of the assistant: where it answers, for which portfolios, a conversation to try it, and replies saved."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access import formats
from aldia.access.permissions import Permission as P
from aldia.chat import selectors, services
from aldia.chat.switching import SETTING, rules_of
from aldia.chat.words import Voice, told
from aldia.domain.chat import machine
from aldia.domain.chat.talk import CheckIdentity, Heard, Here, Known, Line, PlanOption, Say, State
from aldia.domain.outcome_tree import DISPUTE_REASONS
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.chat import ChatRulesForm, SavedReplyForm, initial_of
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

SALT: Final = "aldia.desk.chat"
DIGITS: Final = "1234"
_OWED: Final = 1_200_00
_MOST: Final = 30
_LANGUAGES: Final = (("es", "Español"), ("en", "English"), ("pt-br", "Português"))
_WORDS: Final = {"": None, "si": True, "no": False}


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def settings_chat(request: StaffRequest) -> HttpResponse:
    """Draw where the assistant answers; a POST keeps it."""
    rules = rules_of(request.organisation)
    form = ChatRulesForm(request.POST or None, initial=initial_of(rules))
    if request.method == "POST" and form.is_valid():
        services.set_chat(actor=request.actor, rules=form.rules, clock=request.clock)
        toasts.say(request, _("Guardado: así contesta el asistente"))
        return _back()
    return _draw(request, form, SavedReplyForm())


@require_POST
@staff(P.EDIT_SETTINGS)
def portfolio(request: StaffRequest, portfolio_id: int) -> HttpResponse:
    """Switch the assistant of one portfolio."""
    word = request.POST.get("contesta", "")
    if word not in _WORDS:
        raise Http404
    try:
        services.set_chat_of(
            actor=request.actor, portfolio_id=portfolio_id, is_on=_WORDS[word], clock=request.clock
        )
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal
    toasts.say(request, _("Guardado: así contesta en esa cartera"))
    return _back()


@require_POST
@staff(P.EDIT_SETTINGS)
def save_reply(request: StaffRequest) -> HttpResponse:
    """Keep a reply, or take it away."""
    form = SavedReplyForm(request.POST)
    if "quitar" in request.POST and request.POST["quitar"].isdigit():
        services.drop_reply(actor=request.actor, saved_id=int(request.POST["quitar"]), clock=request.clock)
        toasts.say(request, _("Respuesta quitada"))
        return _back()
    if not form.is_valid():
        return _draw(request, ChatRulesForm(initial=initial_of(rules_of(request.organisation))), form)
    services.save_reply(actor=request.actor, clock=request.clock, **form.cleaned_data)
    toasts.say(request, _("Respuesta guardada"))
    return _back()


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def try_chat(request: StaffRequest) -> HttpResponse:
    """Talk with the assistant as an invented client would: nothing is kept, nothing is done."""
    language = next((key for key, _word in _LANGUAGES if key == request.POST.get("idioma")), "es")
    kept = _kept(request, language)
    text = request.POST.get("texto", "").strip()[:500]
    if text:
        kept = _answered(request, kept, text, language)
    context = {
        **index(request, "chat"), "bubbles": kept["said"], "kept": signing.dumps(kept, salt=SALT), "languages": _LANGUAGES,
        "language": language, "digits": DIGITS,
    }  # fmt: skip
    return render(request, "desk/settings/chat_try.html", context)


def _draw(request: StaffRequest, form: ChatRulesForm, saved: SavedReplyForm) -> HttpResponse:
    since = request.clock.now - timedelta(days=30)
    rows = [
        (row, {None: "", True: "si", False: "no"}[row.settings.get(SETTING, {}).get("is_on")])
        for row in ledger.portfolios(request.actor)
    ]
    share = selectors.solved_alone(request.actor, since=since)
    context: dict[str, Any] = {
        **index(request, "chat"), "form": form, "saved_form": saved, "saved": selectors.saved_replies(request.actor),
        "portfolios": rows, "may_edit": request.actor.may(P.EDIT_SETTINGS), "share": share,
        "may_try": any(request.actor.may(permission) for permission in READERS),
        "percent": formats.percent(share.alone / share.total, request.organisation.locale, digits=0) if share.total else "",
    }  # fmt: skip
    status = 422 if form.errors or saved.errors else 200
    return render(request, "desk/settings/chat.html", context, status=status)


def _kept(request: StaffRequest, language: str) -> dict[str, Any]:
    """What was said so far, in a field that nobody can change; a new language begins anew."""
    try:
        kept: dict[str, Any] = signing.loads(request.POST.get("hablado", ""), salt=SALT)
    except signing.BadSignature:
        kept = {}
    if kept.get("language") == language and "otra" not in request.POST:
        return kept
    lines = _written(request, language, (Line(Say.WHO), Line(Say.ASK_IDENTITY)))
    return {
        "language": language, "state": {**State().to_data(), "step": "identity"}, "is_known": False,
        "said": [[False, line] for line in lines],
    }  # fmt: skip


def _answered(request: StaffRequest, kept: dict[str, Any], text: str, language: str) -> dict[str, Any]:
    here = Here(request.clock.as_of, language, request.organisation.currency)
    invented = _invented(request)
    known = invented if kept["is_known"] else None
    turn = machine.step(State.from_data(kept["state"]), Heard(text), known=known, here=here)
    is_known = kept["is_known"]
    if turn.acts and isinstance(turn.acts[0], CheckIdentity):
        is_known = turn.acts[0].digits == DIGITS
        identity = machine.Identity.RIGHT if is_known else machine.Identity.WRONG
        turn = machine.checked(turn.state, identity, known=invented if is_known else None, here=here)
    said = [*kept["said"], [True, text], *([False, line] for line in _written(request, language, turn.lines))]
    return {**kept, "state": turn.state.to_data(), "is_known": is_known, "said": said[-_MOST:]}


def _invented(request: StaffRequest) -> Known:
    """Somebody who does not exist, and owes a little."""
    today, currency = request.clock.as_of, request.organisation.currency
    return Known(
        currency=currency, owed_minor=_OWED, totals=((currency, _OWED),), oldest_on=today - timedelta(days=20), is_overdue=True,
        last_on=today + timedelta(days=60), least_minor=max(_OWED * rules_of(request.organisation).least_percent // 100, 1),
        plans=(PlanOption(3, _OWED // 3, _OWED, today + timedelta(days=7)),), reasons=tuple(each.key for each in DISPUTE_REASONS),
    )  # fmt: skip


def _written(request: StaffRequest, language: str, lines: tuple[Line, ...]) -> list[str]:
    with translation.override(language):
        voice = Voice(formats.known_locale(request.organisation.locale), language, request.clock.as_of)
        return [told(line, voice) for line in lines]


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:settings-chat"))


urls: list[URLPattern] = [
    path("ajustes/asistente/", settings_chat, name="settings-chat"),
    path("ajustes/asistente/prueba/", try_chat, name="settings-chat-try"),
    path("ajustes/asistente/respuestas/", save_reply, name="settings-chat-reply"),
    path("ajustes/asistente/carteras/<int:portfolio_id>/", portfolio, name="settings-chat-portfolio"),
]
