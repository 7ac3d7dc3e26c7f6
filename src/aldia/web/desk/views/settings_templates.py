"""Settings of texts: the notices by channel and language, their draft with its variables, and how it reads in the worst cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.contact import selectors as contact
from aldia.contact import services, texts
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.settings import TemplateForm
from aldia.web.desk.views import words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

LANGUAGES: Final = {"es": "Español", "en": "English", "pt-br": "Português (Brasil)"}
STATES: Final = {
    "DRAFT": (gettext_lazy("Borrador"), "warn"),
    "PUBLISHED": (gettext_lazy("Publicada"), "ok"),
    "RETIRED": (gettext_lazy("Retirada"), "neutral"),
}
TREATMENTS: Final = {"tu": "tú", "usted": "usted", "vos": "vos", "": "–"}
SHORT: Final = 160
_LINK: Final = "https://deuda.ejemplo.com/p/Xk3…"
_USUAL: Final = {
    "nombre": "Nélida", "acreedor": "Distribuidora Andina", "importe": "$ 486.250,00", "vencimiento": "29 oct", "dias": "26",
    "documentos": "FC A 0003-00018842", "telefono": "+54 351 555-0100", "enlace": _LINK, "mensaje": "", "codigo": "482 913",
    "fecha_promesa": "vie 27 nov", "importe_promesa": "$ 186.400,00", "importe_pago": "$ 100.000,00", "saldo_texto": "$ 386.250,00",
}  # fmt: skip
_LONG: Final = {
    **_USUAL, "nombre": "Cooperativa de Provisión de Servicios Agropecuarios del Valle Inferior Limitada",
    "acreedor": "Compañía Distribuidora de Insumos Industriales y Agropecuarios del Litoral S.A.C.I.F.I.A.",
    "importe": "$ 225.531.480,00 + US$ 1.063.250,00", "dias": "1.284",
    "documentos": ", ".join(f"FC A 0003-000188{number}" for number in range(40, 52)),
}  # fmt: skip
SAMPLES: Final = ((gettext_lazy("Un caso corriente"), _USUAL), (gettext_lazy("El más largo"), _LONG))


@require_safe
@staff(*READERS)
def templates(request: StaffRequest) -> HttpResponse:
    """Draw the texts of one channel and language: the published one of each, and its draft."""
    channel, language = request.GET.get("canal", "email"), request.GET.get("idioma", "es")
    of_key: dict[str, list[Any]] = {}
    for row in contact.templates(request.actor):
        if row.channel == channel and row.language == language and row.state != "RETIRED":
            of_key.setdefault(row.key, []).append(row)
    context = {
        **index(request, "templates"), "channel_on": words.channel(channel)[0], "language_on": LANGUAGES.get(language, language),
        "channels": [(key, words.channel(key)[0]) for key in services_channels()], "languages": LANGUAGES.items(),
        "rows": [_ways(same) for same in of_key.values()],
    }  # fmt: skip
    return render(request, "desk/settings/templates.html", context)


def _ways(same: list[Any]) -> dict[str, Any]:
    """One notice with its ways of address; a draft of any of them is what its state says."""
    states = [row.state for row in same]
    state = STATES["DRAFT" if "DRAFT" in states else "PUBLISHED"]
    return {
        "first": same[0],
        "variants": [(TREATMENTS.get(row.treatment, row.treatment), row) for row in same],
        "state": state,
    }


def services_channels() -> tuple[str, ...]:
    """Return the channels that have written texts."""
    return ("email", "sms", "whatsapp", "letter")


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def template(request: StaffRequest, template_id: int) -> HttpResponse:
    """Edit the draft of a text; a published one gets a draft of its next version."""
    row = _found(request, template_id)
    form = TemplateForm(request.POST or None, initial={"subject": row.subject, "body": row.body})
    if request.method == "POST" and form.is_valid():
        try:
            draft = services.save_draft(
                actor=request.actor,
                template_id=row.pk,
                subject=form.cleaned_data["subject"],
                body=form.cleaned_data["body"],
                now=real_now(),
            )
        except texts.UnknownVariables as refusal:
            form.add_error("body", str(refusal))
        else:
            if request.POST.get("do") == "publish":
                services.publish_template(
                    actor=request.actor, template_id=draft.pk, has_second_person=False, now=real_now()
                )
                toasts.say(request, _("Versión %(number)s publicada") % {"number": draft.version})
            else:
                toasts.say(request, _("Borrador guardado"))
            return HttpResponseRedirect(reverse("desk:settings-template", args=[draft.pk]))
    context = {
        **index(request, "templates"), "row": row, "form": form, "state": STATES[row.state], "channel": words.channel(row.channel),
        "language": LANGUAGES.get(row.language, row.language), "variables": sorted(texts.VARIABLES),
        "treatment": TREATMENTS.get(row.treatment, row.treatment),
        "samples": _samples(row.channel, form["subject"].value() or "", form["body"].value() or ""),
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/template.html", context, status=422 if form.errors else 200)


@require_POST
@staff(P.EDIT_SETTINGS)
def preview(request: StaffRequest, template_id: int) -> HttpResponse:
    """Show how the text reads as it is written; nothing is kept."""
    row = _found(request, template_id)
    samples = _samples(
        row.channel, request.POST.get("subject", "")[:200], request.POST.get("body", "")[:20_000]
    )
    return render(request, "desk/settings/_samples.html", {"samples": samples})


def _found(request: StaffRequest, template_id: int) -> Any:
    try:
        return contact.template(request.actor, template_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _samples(channel: str, subject: str, body: str) -> list[dict[str, Any]]:
    """The text in each case, or the problem that it has."""
    try:
        texts.check(subject + body)
        return [_sample(channel, str(name), subject, body, values) for name, values in SAMPLES]
    except (texts.UnknownVariables, texts.MissingValues) as problem:
        return [{"problem": str(problem)}]


def _sample(channel: str, name: str, subject: str, body: str, values: dict[str, str]) -> dict[str, Any]:
    text = texts.fill(body, values)
    parts = -(-len(text) // SHORT) if channel == "sms" else 0
    return {
        "name": name,
        "subject": texts.fill(subject, values),
        "body": text,
        "letters": len(text),
        "parts": parts,
    }


urls: list[URLPattern] = [
    path("ajustes/plantillas/", templates, name="settings-templates"),
    path("ajustes/plantillas/<int:template_id>/", template, name="settings-template"),
    path("ajustes/plantillas/<int:template_id>/vista/", preview, name="settings-template-preview"),
]
