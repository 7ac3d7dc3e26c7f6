"""Screen: the list of clients."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import URLPattern, path

from aldia.web.desk.doors import staff


@staff()
def customers(request: object) -> HttpResponse:
    return HttpResponse("")


urls: list[URLPattern] = [path("clientes/", customers, name="customers")]
