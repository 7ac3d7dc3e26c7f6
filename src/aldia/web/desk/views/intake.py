"""The import wizard: file, columns, review, done; the history of loads and the undo of the last one."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.intake import selectors as intake
from aldia.intake import services
from aldia.intake.readers.refusals import Refused
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import intake as drafts
from aldia.web.desk.views import intake_repairs
from aldia.web.desk.views.intake_columns import DECIMALS, ORDERS, STEPS, columns_context, question_of
from aldia.web.desk.views.intake_waiting import progress, telling
from aldia.web.desk.views.intake_words import STATES, hint, labels, moved, parts
from aldia.web.ui import formats, toasts


@require_safe
@staff(P.LOAD_FILES)
def history(request: StaffRequest) -> HttpResponse:
    """Draw the loads, newest first, with the undo of each source's last."""
    page = intake.loads(request.actor, request.GET.get("pagina"))
    last: dict[int | None, int] = {}
    for row in page.rows:
        if row.state == "merged":
            last.setdefault(row.source_id, row.pk)
    may_load = request.actor.may(P.LOAD_FILES)
    can_undo = set(last.values()) if may_load and not page.previous_cursor else set()
    context = {
        "rows": [(row, STATES[row.state], row.pk in can_undo, moved(row)) for row in page.rows],
        "next": page.next_cursor, "previous": page.previous_cursor, "may_load": may_load,
    }  # fmt: skip
    return render(request, "desk/intake/history.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.LOAD_FILES)
def upload(request: StaffRequest) -> HttpResponse:
    """First step: take the file and where it goes."""
    portfolios, creditors = list(ledger.portfolios(request.actor)), list(ledger.creditors(request.actor))
    form = drafts.UploadForm(
        request.POST or None,
        request.FILES or None,
        request=request,
        portfolios=portfolios,
        creditors=creditors,
        strategies=drafts.STRATEGIES,
    )
    if request.method == "POST" and form.is_valid():
        token = request.POST.get("token", "")
        draft = drafts.keep(request, request.FILES.getlist("file"), form.as_request(), token)
        if not intake.is_electronic(draft.path) or draft.request.kind != "documents":
            return HttpResponseRedirect(reverse("desk:import-columns", args=[draft.token]))
        try:
            return _previewed(request, draft)
        except Refused as refusal:
            drafts.forget(request, draft)
            form.add_error(
                refusal.field if refusal.field in form.fields else "file",
                f"{refusal.found} {refusal.expected}",
            )
    context = {
        "form": form,
        "steps": STEPS,
        "current": 1,
        "has_portfolios": bool(portfolios),
        "token": drafts.new_token(),
        "kinds": drafts.KINDS,
        "kind": form["kind"].value() or "documents",
        "has_few": len(creditors) <= 1,
    }
    return render(request, "desk/intake/upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff(P.LOAD_FILES)
def columns(request: StaffRequest, token: str) -> HttpResponse:
    """Second step: what each column is, and what the file leaves open, asked."""
    draft = drafts.find(request, token)
    if draft is None:
        toasts.warn(request, _("Ese archivo ya no está. Elígelo otra vez."))
        return HttpResponseRedirect(reverse("desk:import-new"))
    if request.method == "POST" and "pregunta" in request.POST:
        return _take_answer(request, draft)
    try:
        sheet = intake.sheet(draft.path, kind=draft.request.kind, told=draft.request.mapping)
    except Refused as refusal:
        return _ask(request, draft, None, refusal)
    if request.method == "POST":
        return _take_columns(request, draft, sheet)
    try:
        with telling(request, draft.token) as on_step:
            checked = services.check_only(
                actor=request.actor, path=draft.path, request=draft.request, on_step=on_step
            )
    except Refused as refusal:
        return _ask(request, draft, sheet, refusal)
    return render(
        request, "desk/intake/columns.html", columns_context(request, draft, sheet, checked=checked)
    )


@require_safe
@staff(P.LOAD_FILES)
def review(request: StaffRequest, load_id: int) -> HttpResponse:
    """Third step: what would happen, nothing merged yet; and the fourth, what happened."""
    load = _load(request, load_id)
    repairs = [
        {**group, **_repair(request, load, group)}
        for group in intake.problems_by_repair(request.actor, load_id)
    ]
    can_correct, corrected_by = intake.repair_of(request.actor, load)
    counts = load.counts
    enters = counts.get("new", 0) + counts.get("changed", 0) + counts.get("receipts", 0)
    context = {
        "load": load,
        "steps": STEPS,
        "current": 3 if load.state == "previewed" else 5,
        "enters": enters,
        "leaves": enters + counts.get("settled", 0),
        "state": STATES[load.state],
        "errors": [group for group in repairs if group["is_error"]],
        "warnings": [group for group in repairs if not group["is_error"]],
        "parts": parts(counts),
        "moved": moved(load),
        "draft": _draft_of(request, load_id),
        "may_load": request.actor.may(P.LOAD_FILES),
        "can_correct": can_correct,
        "corrected_by": corrected_by,
        "is_electronic": load.kind == services.EINVOICES,
        "is_nothing_new": not enters and not counts.get("settled") and not counts.get("rejected"),
    }
    return render(request, "desk/intake/review.html", context)


@require_POST
@staff(P.LOAD_FILES)
def repair(request: StaffRequest, load_id: int) -> HttpResponse:
    """Look at the file again with one thing changed: rounded amounts, or one currency for the empty cells."""
    load, token = _load(request, load_id), _draft_of(request, load_id)
    draft = drafts.find(request, token) if token else None
    if draft is None or load.state != "previewed":
        toasts.warn(request, _("Para cambiar eso vuelve a elegir el archivo."))
        return HttpResponseRedirect(reverse("desk:import-load", args=[load_id]))
    if request.POST.get("redondear") == "1":
        draft = drafts.change(request, draft, rounding="half_up")
        toasts.say(request, _("Importes redondeados: revisa el resultado"))
    return _preview(request, draft)


@require_POST
@staff(P.LOAD_FILES)
def merge(request: StaffRequest, load_id: int) -> HttpResponse:
    """Carry the reviewed load out."""
    try:
        with telling(request, str(load_id)) as on_step:
            load = services.merge(actor=request.actor, load_id=load_id, clock=request.clock, on_step=on_step)
    except ObjectDoesNotExist:
        toasts.warn(request, _("Esa importación ya se hizo o se deshizo."))
        return HttpResponseRedirect(reverse("desk:import-load", args=[load_id]))
    except Refused as refusal:
        toasts.warn(request, f"{refusal.found} {refusal.expected}")
        return HttpResponseRedirect(reverse("desk:import-load", args=[load_id]))
    token = _draft_of(request, load_id)
    draft = drafts.find(request, token) if token else None
    if draft:
        drafts.forget(request, draft)
    total = sum(load.counts.get(name, 0) for name in ("new", "changed", "receipts"))
    text = ngettext("%(n)s fila importada", "%(n)s filas importadas", total) % {"n": _figure(request, total)}
    toasts.say(request, text, undo=reverse("desk:import-undo", args=[load.pk]))
    return HttpResponseRedirect(reverse("desk:import-load", args=[load.pk]))


@require_POST
@staff(P.LOAD_FILES)
def discard(request: StaffRequest, load_id: int) -> HttpResponse:
    """Forget a file that was looked at and not imported."""
    token = _draft_of(request, load_id)
    try:
        services.discard(actor=request.actor, load_id=load_id, clock=request.clock)
    except ObjectDoesNotExist:
        toasts.warn(request, _("Esa importación ya se hizo o se descartó."))
        return HttpResponseRedirect(reverse("desk:import"))
    draft = drafts.find(request, token) if token else None
    if draft:
        drafts.forget(request, draft)
    toasts.say(request, _("Archivo descartado: no entró nada"))
    return HttpResponseRedirect(reverse("desk:import"))


@require_POST
@staff(P.LOAD_FILES)
def undo(request: StaffRequest, load_id: int) -> HttpResponse:
    """Take a load back, by reversal."""
    try:
        services.undo(actor=request.actor, load_id=load_id, clock=request.clock)
    except services.UnableToUndo as refusal:
        toasts.warn(request, str(refusal))
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal
    else:
        toasts.say(request, _("Importación deshecha: los saldos están como antes"))
    return HttpResponseRedirect(reverse("desk:import"))


@require_safe
@staff(P.LOAD_FILES)
def rows(request: StaffRequest, load_id: int) -> HttpResponse:
    """Draw the rows of one problem, or all, with what was found and what was expected."""
    load = _load(request, load_id)
    page = intake.problems(
        request.actor, load_id, request.GET.get("pagina"), code=request.GET.get("codigo", ""), field=request.GET.get("campo", ""),
    )  # fmt: skip
    names = labels(load)
    shown = [(row, names.get(row.field, row.field), hint(row.code, row.hint)) for row in page.rows]
    context = {
        "load": load,
        "is_electronic": load.kind == services.EINVOICES,
        "rows": shown,
        "next": page.next_cursor,
        "previous": page.previous_cursor,
    }
    return render(request, "desk/intake/rows.html", context)


@require_safe
@staff(P.LOAD_FILES)
def rejected(request: StaffRequest, load_id: int) -> HttpResponse:
    """Download the rejected rows to correct them and send them again."""
    load = _load(request, load_id)
    response = HttpResponse(
        "\ufeff" + intake.rejected_csv(request.actor, load.pk), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="rechazadas-{load.pk}.csv"'
    return response


def _take_answer(request: StaffRequest, draft: drafts.Draft) -> HttpResponse:
    """What was asked is now known; the file is read again with it."""
    answer = {name: request.POST.get(name, "") for name in ("date_order", "decimal", "currency")}
    allowed: dict[str, Collection[str]] = {
        "date_order": ORDERS,
        "decimal": DECIMALS,
        "currency": dict(drafts.currencies()),
    }
    draft = drafts.change(
        request, draft, **{name: value for name, value in answer.items() if value in allowed[name]}
    )
    if request.POST.get("sheet"):
        drafts.change(
            request,
            draft,
            mapping={**(draft.request.mapping or {"columns": {}}), "sheet": request.POST["sheet"]},
        )
    if request.POST.get("is_full_refresh") == "no":
        drafts.change(request, draft, is_full_refresh=False)
    return HttpResponseRedirect(reverse("desk:import-columns", args=[draft.token]))


def _take_columns(request: StaffRequest, draft: drafts.Draft, sheet: intake.Sheet) -> HttpResponse:
    names = [column.name for column in sheet.columns]
    fields = [name for name, _label, _needed in intake.fields_of(draft.request.kind)]
    mapping, problem = drafts.mapping_of(request, draft, names, fields)
    if problem:
        context = columns_context(request, draft, sheet, problem=problem)
        return render(request, "desk/intake/columns.html", context, status=422)
    draft = drafts.change(request, draft, mapping=mapping)
    if draft.request.kind == "contacts":
        return _load_contacts(request, draft)
    return _preview(request, draft)


def _preview(request: StaffRequest, draft: drafts.Draft) -> HttpResponse:
    try:
        return _previewed(request, draft)
    except Refused as refusal:
        sheet = intake.sheet(draft.path, kind=draft.request.kind, told=draft.request.mapping)
        return _ask(request, draft, sheet, refusal)


def _previewed(request: StaffRequest, draft: drafts.Draft) -> HttpResponse:
    """Look at what the draft would do and go to its review. Raises Refused."""
    with telling(request, draft.token) as on_step:
        load = services.preview(
            actor=request.actor,
            path=draft.path,
            request=draft.request,
            clock=request.clock,
            on_step=on_step,
        )
    known = request.session.get("load_of", {})
    for earlier in [number for number, token in known.items() if token == draft.token]:
        with suppress(ObjectDoesNotExist):  # merged meanwhile, in another window
            services.discard(actor=request.actor, load_id=int(earlier), clock=request.clock)
    known = {number: token for number, token in known.items() if token != draft.token}
    request.session["load_of"] = {**known, str(load.pk): draft.token}
    return HttpResponseRedirect(reverse("desk:import-load", args=[load.pk]))


def _load_contacts(request: StaffRequest, draft: drafts.Draft) -> HttpResponse:
    """Contacts have no balance to review: they are taken at once, and told."""
    try:
        told = services.load_contacts(
            actor=request.actor, path=draft.path, request=draft.request, clock=request.clock
        )
    except Refused as refusal:
        return _ask(
            request, draft, intake.sheet(draft.path, kind="contacts", told=draft.request.mapping), refusal
        )
    drafts.forget(request, draft)
    text = _("Contactos importados: %(new)s nuevos, %(changed)s cambiados, %(same)s iguales, %(out)s fuera")
    toasts.say(
        request, text % {"new": told.new, "changed": told.changed, "same": told.same, "out": told.rejected}
    )
    return HttpResponseRedirect(reverse("desk:import"))


def _ask(
    request: StaffRequest, draft: drafts.Draft, sheet: intake.Sheet | None, refusal: Refused
) -> HttpResponse:
    """Draw a refusal as a question with its options beside the columns; only a file that cannot be read is an end."""
    question = question_of(draft, refusal)
    context = columns_context(request, draft, sheet, question=question)
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/intake/columns.html", context, status=status)


def _repair(request: StaffRequest, load: Any, group: dict[str, Any]) -> dict[str, Any]:
    """A group of problems in words, with its gesture: repair here, or look at the rows."""
    can_round = load.state == "previewed" and bool(_draft_of(request, load.pk))
    return {
        "label": labels(load).get(group["field"], group["field"]),
        "hint": hint(group["code"], group["hint"], can_round=can_round),
        "can_round": group["code"] == "amount_too_fine" and can_round,
    }


def _draft_of(request: StaffRequest, load_id: int) -> str:
    return str(request.session.get("load_of", {}).get(str(load_id), ""))


def _load(request: StaffRequest, load_id: int) -> Any:
    try:
        return intake.load(request.actor, load_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal


def _figure(request: StaffRequest, total: int) -> str:
    return formats.number(total, formats.regional_of(request).locale)


urls = [
    path("importar/", history, name="import"),
    path("importar/nuevo/", upload, name="import-new"),
    path("importar/nuevo/<str:token>/", columns, name="import-columns"),
    path("importar/<int:load_id>/", review, name="import-load"),
    path("importar/<int:load_id>/arreglar/", repair, name="import-repair"),
    path("importar/<int:load_id>/confirmar/", merge, name="import-merge"),
    path("importar/<int:load_id>/descartar/", discard, name="import-discard"),
    path("importar/avance/<slug:key>/", progress, name="import-progress"),
    path("importar/<int:load_id>/deshacer/", undo, name="import-undo"),
    path("importar/<int:load_id>/filas/", rows, name="import-rows"),
    path("importar/<int:load_id>/rechazadas.csv", rejected, name="import-rejected"),
    *intake_repairs.urls,
]
