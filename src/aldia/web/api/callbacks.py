"""Calls of providers: signature on the raw bytes, kept as they came, answered; read afterwards by the worker."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aldia.contact import services
from aldia.contact.providers.protocol import Call, CallRefused
from aldia.db.vault import VaultClosed

_CHALLENGE = "hub.challenge"


@csrf_exempt
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Keep the call and answer 200; 404 where nobody waits for it, 400 for one that is not what it says: nothing is kept."""
    try:
        if request.method == "GET" and _CHALLENGE in request.GET:
            return _challenged(request, provider, token)
        services.keep_call(provider_key=provider, token=token, call=_as_came(request), now=timezone.now())
    except services.UnknownDoor:
        return HttpResponse(status=404)
    except VaultClosed:
        return HttpResponse(status=503)
    except CallRefused:
        return HttpResponse(status=400)
    return HttpResponse(status=200)


def _challenged(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    fields = {name: str(value) for name, value in request.GET.items()}
    answer = services.answer_to_challenge(provider_key=provider, token=token, fields=fields)
    return HttpResponse(answer, content_type="text/plain") if answer is not None else HttpResponse(status=403)


def _as_came(request: HttpRequest) -> Call:
    """The address is the public one that the provider signs, whatever stands between it and us."""
    return Call(
        url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        body=request.body,
        headers={name.lower(): value for name, value in request.headers.items()},
        method=request.method or "",
    )


urls = [path("<str:provider>/<str:token>", call, name="callback")]
