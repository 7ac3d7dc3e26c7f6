"""The inbox of alarms: what nobody should have to look for, by kind, with what to do about each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.contact import selectors as contact
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services
from aldia.outcomes.selectors import AlarmFilter, AlarmLine
from aldia.web.desk.doors import StaffRequest, key_of, staff
from aldia.web.desk.views import words
from aldia.web.ui import formats, toasts


@dataclass(frozen=True)
class Kind:
    """How a kind of alarm is drawn, and the gesture that answers it (an outcome of the case, by its key)."""

    icon: str
    tone: str
    gesture: Any
    outcome: str
    advice: Any


_CALL: Final = gettext_lazy("Llamar y anotar el resultado")
KINDS: Final = {
    "promise_due": Kind(
        "promise",
        "warn",
        gettext_lazy("Recordarle su promesa"),
        "",
        gettext_lazy("Vence hoy. Un recordatorio amable alcanza: todavía no faltó a nada."),
    ),
    "promise_broken": Kind(
        "promise",
        "bad",
        gettext_lazy("Acordar otra fecha"),
        "promise",
        gettext_lazy("Llámalo y pregúntale qué pasó. Si te da otra fecha, anótala como promesa."),
    ),
    "plan_instalment_missed": Kind(
        "plan",
        "bad",
        gettext_lazy("Revisar el plan"),
        "plan",
        gettext_lazy("Pregunta si puede ponerse al día o si el plan ya no le sirve."),
    ),
    "no_contact": Kind(
        "phone", "", _CALL, "", gettext_lazy("Prueba a otra hora o por otro canal; si no, busca otro dato.")
    ),
    "large_new_debt": Kind(
        "document", "warn", _CALL, "", gettext_lazy("Es una deuda nueva e importante: confirma que la recibió.")
    ),
    "dispute_unanswered": Kind(
        "dispute", "warn", gettext_lazy("Responder la disputa"), "dispute:answer",
        gettext_lazy("El plazo ya pasó y los avisos siguen en pausa hasta que haya respuesta."),
    ),
    "near_prescription": Kind(
        "legal", "bad", gettext_lazy("Revisar con legales"), "",
        gettext_lazy("Pronto no se podrá reclamar. Decide si se interrumpe el plazo."),
    ),
    "task_overdue": Kind(
        "clock",
        "warn",
        gettext_lazy("Hacer la tarea"),
        "",
        gettext_lazy("Quedó para antes de hoy: hazla o cámbiale la fecha."),
    ),
    "cheque_due": Kind(
        "bank", "info", gettext_lazy("Depositar el cheque"), "", gettext_lazy("Ya se puede depositar.")
    ),
    "protest_due": Kind(
        "legal", "bad", gettext_lazy("Protestarlo o cobrarlo"), "",
        gettext_lazy("Pasado ese día ya no responden los endosantes ni los avalistas. Cóbralo o protéstalo antes."),
    ),
    "cheque_bounced": Kind(
        "bank",
        "bad",
        _CALL,
        "",
        gettext_lazy("El banco devolvió su cheque y la deuda volvió. Pídele otro, o que pague de otro modo."),
    ),
    "receipt_reversed": Kind(
        "payment", "bad", _CALL, "",
        gettext_lazy("El cobro se cayó y la deuda volvió. Cuéntaselo antes de reclamar."),
    ),
    "online_surplus": Kind(
        "payment", "warn", gettext_lazy("Aplicar o devolver"), "",
        gettext_lazy("Llegó por la pasarela otro importe que el pedido, o lo que ya estaba pago: decide qué se hace con lo que sobra."),
    ),
    "credit_exceeded": Kind(
        "warning", "warn", _CALL, "",
        gettext_lazy("El cliente, o su grupo, debe más de lo que puede: no le vendas más a crédito sin hablarlo."),
    ),
    "certificate_missing": Kind(
        "document", "warn", gettext_lazy("Pedirle el certificado"), "",
        gettext_lazy("Descontó una retención y no mandó el certificado: sin él no la puedes recuperar."),
    ),
}  # fmt: skip
_OTHER: Final = Kind("alarm", "", _CALL, "", gettext_lazy("Abre el caso y deja un próximo paso."))
_SHORT: Final = {
    "promise_due": gettext_lazy("Vencen hoy"),
    "promise_broken": gettext_lazy("Promesas"),
    "plan_instalment_missed": gettext_lazy("Cuotas"),
    "no_contact": gettext_lazy("Sin contacto"),
    "large_new_debt": gettext_lazy("Deuda nueva"),
    "dispute_unanswered": gettext_lazy("Disputas"),
    "near_prescription": gettext_lazy("Prescripción"),
    "rate_missing": gettext_lazy("Cotizaciones"),
    "agency_silent": gettext_lazy("Agencias"),
    "task_overdue": gettext_lazy("Tareas"),
    "cheque_due": gettext_lazy("Cheques"),
    "protest_due": gettext_lazy("Protestos"),
    "cheque_bounced": gettext_lazy("Rechazados"),
    "receipt_reversed": gettext_lazy("Reversos"),
    "online_surplus": gettext_lazy("En línea"),
    "certificate_missing": gettext_lazy("Certificados"),
    "credit_exceeded": gettext_lazy("Crédito"),
}
"""What a kind is called in the narrow list at the left."""
_ANSWERED: Final = {
    "seen": (gettext_lazy("%(name)s: alarma vista"), False),
    "resolved": (gettext_lazy("%(name)s: alarma resuelta"), True),
    "open": (gettext_lazy("%(name)s: la alarma está otra vez abierta"), False),
}


@dataclass(frozen=True)
class Item:
    """A client in the list: its first alarm, and what else rings for the same client."""

    alarm: AlarmLine
    kind: Kind
    text: str
    others: tuple[AlarmLine, ...]
    minor: int
    currency: str

    @property
    def case_id(self) -> int:
        return self.alarm.case_id


@require_GET
@staff(P.WORK_CASES, P.READ_EVERYTHING)
def inbox(request: StaffRequest) -> HttpResponse:
    """Draw the kinds with their counts, the clients of the chosen one, and the alarm in view.

    Who has none of his own and sees the team begins with everybody's: the next step is on the screen.
    """
    counts = {
        name: outcomes.alarm_counts(request.actor, _filter(request, name, ""))
        for name in ("para-mi", "equipo")
    }
    usual = "para-mi" if counts["para-mi"] or not request.actor.may(P.SEE_TEAM) else "equipo"
    view, kind = request.GET.get("ver") or usual, request.GET.get("tipo", "")
    page = outcomes.alarms(
        request.actor, _filter(request, view, kind), request.GET.get("pagina"), language=words.language()
    )
    rows = _of_today(request, page.rows) if view == "resueltas" else page.rows
    items = _by_client(request, rows)
    chosen = _chosen(items, request.GET.get("alarma", ""))
    context = {
        "view": view,
        "kind": kind,
        "kinds": _kinds(request, view, kind, counts),
        "items": items,
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "heading": _heading(view, len(items)),
        "chosen": chosen,
        "detail": _detail(request, chosen) if chosen else None,
        "is_picked": "alarma" in request.GET,
        "doing": request.GET.get("hacer", "") if request.actor.may(P.WORK_CASES) else "",
        "team": access.members(request.actor),
        "back": _without(request, "hacer", "alarma"),
    }
    return render(request, "desk/alarms/inbox.html", context)


@require_POST
@staff(P.WORK_CASES)
def mark(request: StaffRequest, alarm_id: int, state: str) -> HttpResponse:
    """Leave an alarm seen, resolved, or open again (the undo of both), and go on with the next."""
    if state not in _ANSWERED:
        raise Http404
    try:
        if state == "open":
            alarm = services.reopen_alarm(actor=request.actor, alarm_id=alarm_id, now=request.clock.now)
        else:
            alarm = services.mark_alarm(
                actor=request.actor, alarm_id=alarm_id, state=state, now=request.clock.now
            )
    except services.UnknownAlarm as refusal:
        raise Http404 from refusal
    text, has_undo = _ANSWERED[state]
    undo = reverse("desk:alarm-mark", args=[alarm_id, "open"]) if has_undo else ""
    toasts.say(request, str(text) % {"name": alarm.case.debtor_name}, undo=undo)
    return HttpResponseRedirect(back_to_list(request))


def back_to_list(request: StaffRequest) -> str:
    """Return where the reader was before answering an alarm."""
    query = request.POST.get("volver", "")
    return f"{reverse('desk:alarms')}?{query}" if query and "\n" not in query else reverse("desk:alarms")


def _without(request: StaffRequest, *names: str) -> str:
    told = request.GET.copy()
    for name in names:
        told.pop(name, None)
    return str(told.urlencode())


def _filter(request: StaffRequest, view: str, kind: str) -> AlarmFilter:
    """What a view shows. A case asked for (`caso`) shows the alarms of everybody on it."""
    state = {"vistas": "seen", "resueltas": "resolved"}.get(view, "open")
    case_id = key_of(request.GET.get("caso", ""))
    owner = request.actor.user_id if view != "equipo" and case_id is None else None
    return AlarmFilter(
        kind=kind or None, state=state, owner_id=owner, case_id=case_id,
        as_of=request.clock.as_of if state == "open" else None, is_postponed=view == "pospuestas",
    )  # fmt: skip


def _of_today(request: StaffRequest, rows: tuple[AlarmLine, ...]) -> tuple[AlarmLine, ...]:
    zone = ZoneInfo(request.organisation.timezone)
    start = datetime.combine(request.clock.as_of, time(), zone)
    return tuple(
        row for row in rows if row.resolved_at and start <= row.resolved_at < start + timedelta(days=1)
    )


def _by_client(request: StaffRequest, rows: tuple[AlarmLine, ...]) -> list[Item]:
    """One row a client: the first of its alarms, with the others as tags; without money of its own, what is overdue."""
    of_case: dict[int, list[AlarmLine]] = {}
    for row in rows:
        of_case.setdefault(row.case_id, []).append(row)
    figures = (
        cases.scope(request.actor).filter(pk__in=list(of_case)).values_list("pk", "overdue_minor", "currency")
    )
    owed = {pk: (minor, currency) for pk, minor, currency in figures}
    return [
        Item(
            first,
            KINDS.get(first.kind, _OTHER),
            _text(request, first),
            tuple(others),
            *((first.minor, first.currency) if first.currency else owed.get(first.case_id, (0, ""))),
        )
        for first, *others in of_case.values()
    ]


def _text(request: StaffRequest, alarm: AlarmLine) -> str:
    """Return an alarm in one plain sentence, with its day."""
    regional = formats.regional_of(request)
    on, late = formats.day(alarm.on, regional.today), (regional.today - alarm.on).days
    told = {
        "promise_due": _("Prometió pagar el %(on)s"),
        "promise_broken": _("No llegó el pago prometido para el %(on)s"),
        "plan_instalment_missed": _("Falta la cuota del %(on)s"),
        "dispute_unanswered": _("Disputa sin respuesta, el plazo era el %(on)s"),
        "near_prescription": _("Un documento prescribe el %(on)s"),
        "rate_missing": _("Falta una cotización desde el %(on)s"),
        "cheque_due": _("Cheque para depositar desde el %(on)s"),
        "protest_due": _("El último día para protestar es el %(on)s"),
        "large_new_debt": _("Deuda nueva del %(on)s"),
        "cheque_bounced": _("El banco devolvió un cheque el %(on)s"),
        "receipt_reversed": _("Se reversó un cobro el %(on)s"),
        "online_surplus": _("Un pago en línea del %(on)s no coincide con lo que se debía"),
        "certificate_missing": _("Falta un certificado de retención desde el %(on)s"),
        "credit_exceeded": _("Debe más de lo que puede desde el %(on)s"),
        "agency_silent": _("La agencia que tiene este caso no cuenta nada: se avisó el %(on)s"),
    }
    if alarm.kind == "no_contact":
        return ngettext("Sin contacto hace %(days)s día", "Sin contacto hace %(days)s días", late) % {
            "days": late
        }
    if alarm.kind == "task_overdue":
        return _("Tarea atrasada desde el %(on)s") % {"on": on}
    return told.get(alarm.kind, "%(label)s · %(on)s") % {"on": on, "label": alarm.label}


def _chosen(items: list[Item], asked: str) -> Item | None:
    if not items:
        return None
    return next((item for item in items if str(item.alarm.id) == asked), items[0])


def _heading(view: str, count: int) -> str:
    if view == "resueltas":
        return ngettext("%(n)s cliente resuelto hoy", "%(n)s clientes resueltos hoy", count) % {"n": count}
    if view == "pospuestas":
        return ngettext("%(n)s cliente para después", "%(n)s clientes para después", count) % {"n": count}
    if view == "vistas":
        return ngettext("%(n)s cliente ya visto", "%(n)s clientes ya vistos", count) % {"n": count}
    return ngettext("%(n)s cliente por atender", "%(n)s clientes por atender", count) % {"n": count}


def _kinds(request: StaffRequest, view: str, kind: str, told: dict[str, dict[str, int]]) -> dict[str, Any]:
    """The entries at the left: mine, the team's, each kind that rings, and what was seen."""
    mine, everyone = told["para-mi"], told["equipo"]
    later, seen = (
        sum(outcomes.alarm_counts(request.actor, _filter(request, name, "")).values())
        for name in ("pospuestas", "vistas")
    )
    in_team = view == "equipo"
    by_kind = [
        _entry(
            str(_SHORT.get(key) or outcomes.alarm_label(key, words.language())), KINDS.get(key, _OTHER).icon, count,
            f"{'equipo' if in_team else 'para-mi'}&tipo={key}", is_on=kind == key,
        )
        for key, count in sorted((everyone if in_team else mine).items(), key=lambda pair: -pair[1])
    ]  # fmt: skip
    whose = [
        _entry(_("Para mí"), "alarm", sum(mine.values()), "para-mi", is_on=view == "para-mi" and not kind),
        _entry(_("De todos"), "customers", sum(everyone.values()), "equipo", is_on=in_team and not kind),
    ]
    after = [
        _entry(_("Pospuestas"), "clock", later, "pospuestas", is_on=view == "pospuestas"),
        _entry(_("Vistas"), "show", seen, "vistas", is_on=view == "vistas"),
        _entry(_("Resueltas hoy"), "check", "", "resueltas", is_on=view == "resueltas"),
    ]
    return {"now": [*whose, *by_kind], "after": after}


def _entry(word: str, icon: str, count: int | str, view: str, *, is_on: bool) -> dict[str, Any]:
    href = f"{reverse('desk:alarms')}?ver={view}"
    return {"word": word, "icon": icon, "count": count, "href": href, "is_on": is_on}


def _detail(request: StaffRequest, item: Item) -> dict[str, Any]:
    """The client of the alarm: figures, whether it may be contacted, and the suggested gesture."""
    card = cases.case(request.actor, item.case_id, as_of=request.clock.as_of)
    answers = contact.may_contact_now(
        request.actor, item.case_id, clock=request.clock, language=words.language()
    )
    best = next((answer for answer in answers if answer.is_allowed), answers[0])
    promise = outcomes.open_promise(request.actor, item.case_id)
    _key, _label, step = words.bucket_of(card.bucket)
    return {
        "card": card,
        "step": step,
        "promise": promise,
        "may": best,
        "channel": words.channel(best.channel)[0],
        "alarms": [(item.alarm, item.text), *((other, _text(request, other)) for other in item.others)],
        "gesture": item.kind.gesture,
        "advice": item.kind.advice,
        "address": _address(item),
    }


def _address(item: Item) -> str:
    """Where the suggested gesture is done: an outcome's panel, the dispute, or the case."""
    if item.kind.outcome == "dispute:answer":
        subject = item.alarm.subject.partition(":")[2]
        return f"{reverse('desk:disputes')}?disputa={subject}"
    if item.kind.outcome:
        return reverse("desk:outcome", args=[item.case_id, item.kind.outcome])
    return reverse("desk:case", args=[item.case_id])


urls = [
    path("alarmas/", inbox, name="alarms"),
    path("alarmas/<int:alarm_id>/<str:state>/", mark, name="alarm-mark"),
]
