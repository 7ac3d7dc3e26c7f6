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
from aldia.contact import gateways, publishing, scripts, services, texts
from aldia.contact import selectors as contact
from aldia.contact.calls import sounds
from aldia.domain.sms import segments, simpler
from aldia.domain.tone import FEWEST, LONGEST_SENTENCE
from aldia.strategy import selectors as strategy
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
_LINK: Final = "https://deuda.ejemplo.com/p/Xk3vB2m9QpLr7sTw"
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
_FOREIGN: Final = {
    **_USUAL,
    "nombre": "Ñandú & Cía. «Ω»",
    "importe": "R$ 1.063.250,00",
    "acreedor": "Óptica Güemes",
}
SAMPLES: Final = (
    (gettext_lazy("Un caso corriente"), _USUAL),
    (gettext_lazy("El más largo"), _LONG),
    (gettext_lazy("Letras y signos raros"), _FOREIGN),
)
LONGEST: Final = {"whatsapp": 1024, "sms": 1377}
"""Letters that a channel carries at most: a WhatsApp template's body, nine parts of an SMS."""
MOST_SECONDS: Final = 30
"""Nobody keeps the keys of a longer sound in mind."""
ASKED: Final = {
    "creditor_name": gettext_lazy("el nombre del acreedor"), "collector_legal_name": gettext_lazy("quién cobra"),
    "agent_name": gettext_lazy("el nombre de quien contacta"), "collector_address": gettext_lazy("el domicilio de quien cobra"),
    "creditor_address": gettext_lazy("el domicilio del acreedor"), "creditor_tax_id": gettext_lazy("el documento fiscal del acreedor"),
    "collector_phone": gettext_lazy("un teléfono"), "responsible_persons": gettext_lazy("quiénes son responsables"),
    "contract_or_operation": gettext_lazy("el contrato o la operación"), "debt_reference": gettext_lazy("de qué deuda se trata"),
    "amount_due": gettext_lazy("el importe"), "total_due": gettext_lazy("el total"), "calculation_date": gettext_lazy("el día del cálculo"),
    "payment_methods": gettext_lazy("cómo pagar"), "payment_instructions_to_creditor": gettext_lazy("cómo pagarle al acreedor"),
    "complaints_unit_contact": gettext_lazy("dónde reclamar"), "recording_notice": gettext_lazy("que la llamada se graba"),
    "privacy_notice_link": gettext_lazy("dónde está el aviso de privacidad"), "debt_origin": gettext_lazy("de dónde viene la deuda"),
    "data_origin": gettext_lazy("de dónde salieron los datos"), "principal": gettext_lazy("el capital"),
    "interest": gettext_lazy("los intereses"), "interest_amount": gettext_lazy("los intereses"), "commissions": gettext_lazy("las comisiones"),
    "collection_costs": gettext_lazy("los gastos de cobranza"), "consumer_rights": gettext_lazy("los derechos de la persona"),
    "not_a_seizure_procedure_statement": gettext_lazy("que esto no es un embargo"),
    "dispute_deadline_30_days": gettext_lazy("que tiene 30 días para disputar"),
    "verification_right": gettext_lazy("que puede pedir comprobación"),
    "original_creditor_right": gettext_lazy("que puede pedir el acreedor original"),
    "debt_collector_disclosure": gettext_lazy("que quien escribe cobra una deuda"),
}  # fmt: skip
"""What laws ask a text to say, in words."""


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
        **index(request, "templates"), "channel_on": channel_word(channel)[0], "language_on": LANGUAGES.get(language, language),
        "channels": [(key, channel_word(key)[0]) for key in services_channels()], "languages": LANGUAGES.items(),
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
    return ("email", "sms", "whatsapp", "letter", texts.SCRIPT, texts.KEYPAD)


def channel_word(key: str) -> tuple[str, str]:
    """Return (name, icon) of a channel of texts; a script is said by a person, the keypad's words by a machine."""
    said = {texts.SCRIPT: _("Guion de llamada"), texts.KEYPAD: _("Menú de teclas")}
    return (said[key], "phone") if key in said else words.channel(key)


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
            _done(request, draft)
        except (texts.UnknownVariables, publishing.NotFit) as refusal:
            form.add_error("body", str(refusal))
        except services.OwnTextNeedsAnother as refusal:
            form.add_error(None, str(refusal))
        except publishing.NeedsConfirming as refusal:
            form.add_error("confirmed", str(refusal))
        else:
            return HttpResponseRedirect(reverse("desk:settings-template", args=[draft.pk]))
    subject, body = form["subject"].value() or "", form["body"].value() or ""
    context = {
        **index(request, "templates"), "row": row, "form": form, "state": STATES[row.state], "channel": channel_word(row.channel),
        "segments": _segments(request, row),
        "language": LANGUAGES.get(row.language, row.language), "variables": _variables(row.channel),
        "treatment": TREATMENTS.get(row.treatment, row.treatment),
        "samples": _samples(request, row, subject, body), "review": _review(request, row, subject, body),
        "sound": sounds.name_of(row) if row.channel == texts.KEYPAD else "",
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/template.html", context, status=422 if form.errors else 200)


def _done(request: StaffRequest, draft: Any) -> None:
    """What the pressed button asks of the saved draft. Raises NotFit, NeedsConfirming, OwnTextNeedsAnother."""
    if request.POST.get("do") == "publish":
        services.publish_template(
            actor=request.actor, template_id=draft.pk, has_second_person=strategy.asks_for_two(request.actor),
            now=real_now(), confirmed=request.POST.get("confirmed", ""),
        )  # fmt: skip
        toasts.say(request, _("Versión %(number)s publicada") % {"number": draft.version})
    elif request.POST.get("do") == "try":
        _send_to_oneself(request, draft)
    else:
        toasts.say(request, _("Borrador guardado"))


def _send_to_oneself(request: StaffRequest, draft: Any) -> None:
    """Mail the text, filled with an ordinary case, to whoever is writing it: what a debtor would read, whatever its channel."""
    subject, body, writer = (
        texts.fill(draft.subject, _USUAL),
        texts.fill(draft.body, _USUAL),
        _writer(request),
    )
    mail = services.StaffMailDraft(
        user_id=writer.pk, key=f"template:{draft.pk}:{real_now():%Y%m%d%H%M%S%f}", recipient=writer.email,
        subject=_("[Prueba] %(subject)s") % {"subject": subject or draft.title}, text=body,
    )  # fmt: skip
    services.write_to_staff(actor=request.actor, mails=[mail], now=request.clock.now, real_now=real_now())
    toasts.say(request, _("Te lo mandamos a %(address)s") % {"address": writer.email})


def _writer(request: StaffRequest) -> Any:
    return request.user


def _review(request: StaffRequest, row: Any, subject: str, body: str) -> dict[str, Any]:
    """How the text stands: its tone against the bars, and what the law asks that it does not say."""
    told = publishing.review(request.actor, row, subject=subject, body=body, on=request.clock.as_of)
    reading = told.tone.reading
    return {
        "review": told, "index": round(reading.index), "bar": round(told.tone.bar), "is_judged": reading.words >= FEWEST,
        "length": round(reading.words_per_sentence, 1), "longest": round(LONGEST_SENTENCE),
        "remarks": [remark.text(words.language()) for remark in told.tone.remarks],
        "lacking": [(one, _asked_word(one)) for one in told.lacking],
        "to_confirm": [(one, _asked_word(one)) for one in told.to_confirm],
    }  # fmt: skip


def _asked_word(one: publishing.Asked) -> str:
    return str(ASKED.get(one.placeholder, one.placeholder.replace("_", " ")))


@require_POST
@staff(P.EDIT_SETTINGS)
def for_segment(request: StaffRequest, template_id: int) -> HttpResponse:
    """Begin the script of a segment as a draft that reads like that of its stage."""
    row, chosen = _found(request, template_id), request.POST.get("segment", "")
    name = dict(strategy.segment_names(request.actor)).get(chosen)
    if name is None:
        raise Http404
    try:
        draft = scripts.write_for_segment(
            actor=request.actor, template_id=row.pk, segment_key=chosen, segment_name=name, now=real_now()
        )
    except scripts.ScriptRefused as refusal:
        toasts.say(request, str(refusal))
        return HttpResponseRedirect(reverse("desk:settings-template", args=[row.pk]))
    return HttpResponseRedirect(reverse("desk:settings-template", args=[draft.pk]))


def _segments(request: StaffRequest, row: Any) -> list[tuple[str, str]]:
    """The segments for which a script of a stage may be written apart."""
    return strategy.segment_names(request.actor) if row.channel == texts.SCRIPT and "." not in row.key else []


@require_POST
@staff(P.EDIT_SETTINGS)
def preview(request: StaffRequest, template_id: int) -> HttpResponse:
    """Show how the text reads as it is written; nothing is kept."""
    row = _found(request, template_id)
    subject, body = request.POST.get("subject", "")[:200], request.POST.get("body", "")[:20_000]
    context = {
        "samples": _samples(request, row, subject, body), "review": _review(request, row, subject, body),
    }  # fmt: skip
    return render(request, "desk/settings/_samples.html", context)


def _found(request: StaffRequest, template_id: int) -> Any:
    try:
        return contact.template(request.actor, template_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _variables(channel: str) -> list[str]:
    return [] if channel == texts.KEYPAD else sorted(texts.VARIABLES)


def _samples(request: StaffRequest, row: Any, subject: str, body: str) -> list[dict[str, Any]]:
    """The text in each case, or the problem that it has."""
    try:
        texts.check(subject + body, row.channel)
        if row.channel == texts.KEYPAD:
            return [_heard(name, body, number) for name, number in _numbers(row)]
        price = gateways.price_of(request.actor.organisation_id)
        return [_sample(row.channel, price, str(name), subject, body, values) for name, values in SAMPLES]
    except (texts.UnknownVariables, texts.MissingValues) as problem:
        return [{"problem": str(problem)}]


def _numbers(row: Any) -> list[tuple[str, str]]:
    """The numbers that the exchange says after the words, the longest too; none where none follows."""
    if not sounds.has_number(row):
        return [(_("Así se oye"), "")]
    return [(str(SAMPLES[0][0]), "7"), (str(SAMPLES[1][0]), "225 531 480")]


def _heard(name: str, body: str, number: str) -> dict[str, Any]:
    text = f"{body} {number}".strip()
    seconds = sounds.seconds_of(text)
    return {
        "name": name,
        "body": text,
        "letters": len(text),
        "seconds": seconds,
        "is_slow": seconds > MOST_SECONDS,
    }


def _sample(
    channel: str, price: int, name: str, subject: str, body: str, values: dict[str, str]
) -> dict[str, Any]:
    text = texts.fill(body, values)
    text = simpler(text) if channel == "sms" else text
    travels = segments(text) if channel == "sms" else None
    return {
        "name": name,
        "subject": "" if channel in texts.SHORT_CHANNELS else texts.fill(subject, values),
        "body": text, "letters": len(text), "travels": travels,
        "cost_minor": travels.cost_minor(price) if travels else 0, "is_too_long": len(text) > LONGEST.get(channel, len(text)),
        "most": LONGEST.get(channel, 0),
    }  # fmt: skip


urls: list[URLPattern] = [
    path("ajustes/plantillas/", templates, name="settings-templates"),
    path("ajustes/plantillas/<int:template_id>/", template, name="settings-template"),
    path("ajustes/plantillas/<int:template_id>/segmento/", for_segment, name="settings-template-segment"),
    path("ajustes/plantillas/<int:template_id>/vista/", preview, name="settings-template-preview"),
]
