"""Screen: send a claim now. The documents, the channel, the text, the attachments as they will go, and off it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission
from aldia.contact import selectors as contact_read
from aldia.contact import services as contact
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.space import go_on, panel, sheet_of
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

SENDABLE = ("email", "whatsapp", "sms")
UNPROCESSABLE = 422


@staff(Permission.WORK_CASES)
def claim(request: StaffRequest, case_id: int) -> HttpResponse:
    """Choose what to send and send it; it leaves at once, or at the first lawful instant."""
    sheet = sheet_of(request, case_id)
    if request.method != "POST" or "mirar" in request.POST:
        return panel(request, "claim", sheet, form=_form(sheet, request.POST or request.GET))
    form = _form(sheet, request.POST)
    if form["problems"]:
        return panel(request, "claim", sheet, form=form, status=UNPROCESSABLE)
    draft = contact.ClaimDraft(
        channel=form["channel"], template_key=form["template"], client_id=form["client_id"], document_ids=tuple(form["chosen"]),
        has_documents=form["has_documents"], has_statement=form["has_statement"], text=form["text"],
        contact_point_id=form["point_id"],
    )  # fmt: skip
    try:
        contact.send_now(actor=request.actor, case_id=case_id, claim=draft, clock=request.clock)
    except (contact.DocumentsNotFound, LookupError) as refusal:
        form["problems"] = [("documentos", str(refusal))]
        return panel(request, "claim", sheet, form=form, status=UNPROCESSABLE)
    toasts.say(request, _sent(sheet, form))
    return go_on(request, case_id)


def _form(sheet: CaseSheet, told: Any) -> dict[str, Any]:
    """The panel's state: what was chosen, else everything overdue by e-mail with the statement."""
    is_told = "channel" in told
    channel = told.get("channel") if told.get("channel") in SENDABLE else _first_open(sheet)
    answer = next((row for row in sheet.contacts if row["channel"] == channel), None)
    templates = contact_read.claim_templates(sheet.request.actor, channel)
    overdue = [line.id for line in sheet.documents if line.dpd > 0]
    chosen = _ids(told.getlist("documents")) if "documents" in told else ([] if is_told else overdue)
    template = (
        told.get("template", "")
        if told.get("template", "") in dict(templates)
        else (templates[0][0] if templates else "")
    )
    form = {
        "channel": channel,
        "channels": [(key, words.channel(key)[0]) for key in SENDABLE],
        "answer": answer,
        "templates": templates,
        "template": template,
        "chosen": chosen,
        "text": told.get("text", "").strip()[:2000],
        "client_id": told.get("client_id") or uuid4().hex,
        "has_statement": "has_statement" in told if is_told else True,
        "has_documents": "has_documents" in told if is_told else True,
        "point_id": answer["point_id"] if answer else None,
    }
    return form | {"attached": _attached(sheet, form), "problems": _problems(sheet, form) if is_told else []}


def _first_open(sheet: CaseSheet) -> str:
    """E-mail when it may be used, else the first channel that may."""
    allowed = [row["channel"] for row in sheet.contacts if row["can"] and row["channel"] in SENDABLE]
    return "email" if "email" in allowed or not allowed else str(allowed[0])


def _ids(raw: list[str]) -> list[int]:
    return [int(each) for each in raw if each.isascii() and each.isdigit() and len(each) < 19]


def _attached(sheet: CaseSheet, form: dict[str, Any]) -> list[dict[str, Any]]:
    """What will travel with it: the statement we make, and by e-mail the documents exactly as they were uploaded."""
    if form["channel"] == "whatsapp":
        return [
            {"name": _("estado-de-cuenta") + ".pdf", "about": _("si te escribió en las últimas 24 horas")}
        ]
    if form["channel"] != "email":
        return []
    rows: list[dict[str, Any]] = (
        [{"name": _("estado-de-cuenta") + ".pdf", "about": _("al día de hoy")}]
        if form["has_statement"]
        else []
    )
    if form["has_documents"]:
        for line in sheet.documents:
            if line.id in form["chosen"]:
                rows += [
                    {"name": stored.name, "about": line.number, "file_id": stored.pk}
                    for stored in sheet.files.get(line.id, [])
                ]
    return rows


def _problems(sheet: CaseSheet, form: dict[str, Any]) -> list[tuple[str, str]]:
    problems = []
    if not form["point_id"]:
        problems.append(("channel", _("No hay un dato de contacto para este canal: agrégalo o elige otro.")))
    if not form["template"]:
        problems.append(("template", _("No hay un texto publicado para este canal.")))
    if not form["chosen"] and not form["has_statement"]:
        problems.append(("documentos", _("Elige al menos un documento o el estado de cuenta.")))
    return problems


def _sent(sheet: CaseSheet, form: dict[str, Any]) -> str:
    answer = form["answer"]
    if answer and not answer["can"] and answer["next_at"]:
        return _("Queda en cola: sale %(when)s") % {"when": formats.moment(answer["next_at"], sheet.regional)}
    if form["chosen"]:
        count = len(form["chosen"])
        return ngettext("Enviado con %(count)s documento", "Enviado con %(count)s documentos", count) % {
            "count": count
        }
    return _("Estado de cuenta enviado")


@require_safe
@staff(Permission.WORK_CASES, Permission.READ_EVERYTHING)
def stored(request: StaffRequest, file_id: int) -> FileResponse:
    """Give back a file exactly as it was uploaded, to save and not to run."""
    try:
        row, where = ledger.open_file(request.actor, file_id)
    except (ObjectDoesNotExist, OSError) as missing:
        raise Http404(str(missing)) from missing
    return FileResponse(
        where.open("rb"), as_attachment=True, filename=row.name, content_type="application/octet-stream"
    )


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/enviar/", claim, name="claim"),
    path("archivos/<int:file_id>/", stored, name="file"),
]
