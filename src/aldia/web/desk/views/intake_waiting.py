"""How far the work on a file is, kept while a request works and drawn for the page that waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.intake import services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import intake as drafts

WORKING: Final = {
    "check": gettext_lazy("Leyendo y revisando las filas"),
    "plan": gettext_lazy("Comparando con lo que ya está"),
    "people": gettext_lazy("Guardando los clientes"),
    "documents": gettext_lazy("Guardando los documentos"),
    "receipts": gettext_lazy("Guardando los cobros"),
    "cases": gettext_lazy("Poniendo al día los casos"),
}


@require_safe
@staff(P.LOAD_FILES)
def progress(request: StaffRequest, key: str) -> HttpResponse:
    """Draw how far the work on a file is, for the page that waits for it."""
    step = drafts.slate(request, key).read()
    share = min(step.done * 100 // step.total, 100) if step and step.total else None
    word = WORKING.get(step.name, "") if step else ""
    context = {"key": key, "step": step, "word": word, "share": share}
    return render(request, "desk/intake/_progress.html", context)


@contextmanager
def telling(request: StaffRequest, key: str) -> Iterator[services.Slate]:
    """Keep how far the work is where the waiting page asks for it, until it is over."""
    slate = drafts.slate(request, key)
    try:
        yield slate
    finally:
        slate.wipe()
