"""Settings of the HTTP API: its tokens, each made with what it may do and shown once, and revoked for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access import selectors as access
from aldia.access import tokens
from aldia.access.permissions import Permission as P
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.tokens import TokenForm
from aldia.web.desk.views.settings_index import index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_SETTINGS)
def api_tokens(request: StaffRequest) -> HttpResponse:
    """Draw the tokens; a POST makes one and shows its text, this once."""
    parts = _parts(request)
    form, text = TokenForm(request.POST or None, parts=parts), ""
    if request.method == "POST" and form.is_valid():
        try:
            _row, text = tokens.make_token(
                actor=request.actor, name=form.cleaned_data["name"], permissions=form.chosen(), now=real_now(),
                reach=form.reach(),
            )  # fmt: skip
        except tokens.TokenRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            form = TokenForm(parts=parts)
    context: dict[str, Any] = {
        **index(request, "tokens"), "form": form, "text": text, "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "tokens": [(row, [tokens.SCOPES[P(name)] for name in row.permissions]) for row in tokens.tokens(request.actor)],
    }  # fmt: skip
    answer = render(request, "desk/settings/tokens.html", context, status=422 if form.errors else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _parts(request: StaffRequest) -> dict[str, dict[int, str]]:
    """What a token may be limited to, by the form's own words."""
    return {
        "creditor": {row.pk: row.name for row in ledger.creditors(request.actor)},
        "portfolio": {row.pk: row.name for row in ledger.portfolios(request.actor)},
        "agency": {team.pk: team.name for team in access.outside_teams(request.actor)},
    }


@require_POST
@staff(P.EDIT_SETTINGS)
def revoke(request: StaffRequest, token_id: int) -> HttpResponse:
    """End a token."""
    try:
        tokens.revoke_token(actor=request.actor, token_id=token_id, now=real_now())
    except tokens.UnknownToken as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Token revocado: ya no entra"))
    return HttpResponseRedirect(reverse("desk:settings-tokens"))


urls: list[URLPattern] = [
    path("ajustes/api/", api_tokens, name="settings-tokens"),
    path("ajustes/api/<int:token_id>/revocar/", revoke, name="settings-token-revoke"),
]
