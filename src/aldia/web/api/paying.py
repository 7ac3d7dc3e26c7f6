"""Calls of payment gateways, and payers who come back from them: kept as they came, read, answered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from aldia.db.vault import VaultClosed
from aldia.payments import services
from aldia.payments.gateways.protocol import NoticeRefused


@csrf_exempt
@require_POST
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """Keep a notice and answer 200; 404 where nobody waits for it, 400 for one whose signature is not its own."""
    try:
        services.keep_notice(
            token=token,
            body=request.body,
            headers=_headers(request),
            query=_query(request),
            now=timezone.now(),
        )
    except services.UnknownMethod:
        return HttpResponse(status=404)
    except VaultClosed:
        return HttpResponse(status=503)
    except NoticeRefused:
        return HttpResponse(status=400)
    return HttpResponse(status=200)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """Lead a payer who comes back to the page of the link, which asks who it is as it always does."""
    try:
        page = services.page_after(
            token=token, key=key, query=_query(request), body=request.body, now=timezone.now()
        )
    except (services.UnknownMethod, VaultClosed):
        return HttpResponse(status=404)
    answer = HttpResponseRedirect(page)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _query(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.GET.items()}


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


urls = [
    path("cobro/<str:token>/", notice, name="pay-notice"),
    path("cobro/<str:token>/<slug:key>/", back, name="pay-back"),
]
