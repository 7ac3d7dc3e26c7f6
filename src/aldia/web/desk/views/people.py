"""People: who works here, with which role, team and absence; the hand-over of cases; and the matrix of permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.permissions import ROLE_DESCRIPTIONS, ROLE_PERMISSIONS, Permission, Role
from aldia.access.permissions import Permission as P
from aldia.access.sign_ins import sign_ins
from aldia.cases import services as cases
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.days import day_text
from aldia.web.desk.forms.people import AbsenceForm, HandOverForm, MemberForm, NewMemberForm
from aldia.web.desk.views.settings_index import index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.access.models import Membership
    from aldia.web.desk.doors import StaffRequest

VERBS: Final = {
    P.WORK_CASES: gettext_lazy("Trabajar casos: llamar, escribir, anotar"), P.SEE_ALL_CASES: gettext_lazy("Ver todos los casos"),
    P.EDIT_CONTACT_POINTS: gettext_lazy("Cambiar datos de contacto"), P.ASSIGN_CASES: gettext_lazy("Repartir casos y ausencias"),
    P.BULK_ACT: gettext_lazy("Acciones sobre muchos casos"), P.SEE_TEAM: gettext_lazy("Ver a todo el equipo"),
    P.REGISTER_RECEIPTS: gettext_lazy("Registrar cobros"), P.REVERSE_RECEIPTS: gettext_lazy("Reversar cobros"),
    P.APPROVE_AGREEMENTS: gettext_lazy("Autorizar acuerdos de pago"),
    P.LIMIT_CREDIT: gettext_lazy("Poner el límite de crédito de un cliente o de un grupo"),
    P.TAKE_CASH: gettext_lazy("Llevar una caja: cobrar en mostrador y cerrarla"), P.GRANT_LOANS: gettext_lazy("Otorgar préstamos"),
    P.CHANGE_LOANS: gettext_lazy("Reprogramar, refinanciar y castigar préstamos"),
    P.REMIT: gettext_lazy("Rendir lo cobrado por cuenta de otros"),
    P.LOAD_FILES: gettext_lazy("Importar archivos"), P.SEE_STRATEGIES: gettext_lazy("Ver estrategias"),
    P.EDIT_STRATEGIES: gettext_lazy("Publicar estrategias y políticas"), P.RUN_DAY: gettext_lazy("Correr el día"),
    P.SEE_INDICATORS: gettext_lazy("Ver indicadores"), P.EXPORT: gettext_lazy("Exportar"), P.EDIT_SETTINGS: gettext_lazy("Cambiar ajustes"),
    P.EDIT_PEOPLE: gettext_lazy("Agregar y cambiar personas"), P.SEE_AUDIT: gettext_lazy("Ver la auditoría"),
    P.READ_EVERYTHING: gettext_lazy("Leer todo, sin cambiar nada"),
    P.WORK_PLACED: gettext_lazy("Trabajar los casos entregados a su agencia, en su ventana"),
    P.SEE_OWN_PORTFOLIOS: gettext_lazy("Seguir las carteras de su acreedor, en su ventana"),
}  # fmt: skip


@require_safe
@staff(P.SEE_TEAM, P.EDIT_PEOPLE)
def people(request: StaffRequest) -> HttpResponse:
    """Draw who works here."""
    rows = [_row(request, member) for member in access.members(request.actor)]
    context = {**index(request, "people"), "rows": rows, "may_edit": request.actor.may(P.EDIT_PEOPLE)}
    return render(request, "desk/people/list.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_PEOPLE)
def add(request: StaffRequest) -> HttpResponse:
    """Add a person to the organisation."""
    creditors = {row.pk: row.name for row in ledger.creditors(request.actor)}
    form = NewMemberForm(request.POST or None, teams=_teams(request), creditors=creditors)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            access_services.add_member(
                actor=request.actor, email=told["email"], name=told["name"], role=told["role"], team_id=told["team"],
                creditor_id=told["creditor"], now=real_now(),
            )  # fmt: skip
        except access_services.UnableToAdd as refusal:
            form.add_error("email", str(refusal))
        else:
            toasts.say(request, _("%(name)s ya está en la organización") % {"name": told["name"]})
            return HttpResponseRedirect(reverse("desk:people"))
    context = {**index(request, "people"), "form": form, "roles": _roles(), "teams": _team_options(request),
               "creditors": [("", _("Ninguno")), *((str(key), name) for key, name in creditors.items())]}  # fmt: skip
    return render(request, "desk/people/add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_PEOPLE, P.ASSIGN_CASES)
def member(request: StaffRequest, membership_id: int) -> HttpResponse:
    """Draw one person: role and team, absence and stand-in, and the hand-over of the cases."""
    row = _member(request, membership_id)
    form = MemberForm(request.POST or None, teams=_teams(request), initial=_values(row))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            access_services.set_member(
                actor=request.actor, membership_id=row.pk, role=told["role"], team_id=told["team"], is_active=told["is_active"],
                now=real_now(),
            )  # fmt: skip
        except access_services.UnableToAdd as refusal:
            form.add_error("role", str(refusal))
            return _member_page(request, row, form=form)
        toasts.say(request, _("Cambios guardados: %(name)s") % {"name": row.user.name})
        return HttpResponseRedirect(reverse("desk:people"))
    return _member_page(request, row, form=form)


@require_POST
@staff(P.ASSIGN_CASES)
def absence(request: StaffRequest, membership_id: int) -> HttpResponse:
    """Record or end an absence, with who stands in."""
    row = _member(request, membership_id)
    form = AbsenceForm(request.POST, others=_others(request, row), request=request)
    if not form.is_valid():
        return _member_page(request, row, absence_form=form)
    told = form.cleaned_data
    access_services.set_absence(
        actor=request.actor, membership_id=row.pk, from_on=told["from_on"], until_on=told["until_on"], stand_in_id=told["stand_in"],
        now=real_now(),
    )  # fmt: skip
    toasts.say(request, _("Ausencia guardada: %(name)s") % {"name": row.user.name})
    return HttpResponseRedirect(reverse("desk:member", args=[row.pk]))


@require_POST
@staff(P.ASSIGN_CASES)
def hand_over(request: StaffRequest, membership_id: int) -> HttpResponse:
    """Give every case of one person to another."""
    row = _member(request, membership_id)
    form = HandOverForm(request.POST, others=_others(request, row))
    if not form.is_valid():
        return _member_page(request, row, hand_form=form)
    to = _member(request, form.cleaned_data["to"])
    try:
        moved = cases.hand_over(
            actor=request.actor,
            from_user_id=row.user_id,
            to_user_id=to.user_id,
            as_of=request.clock.as_of,
            now=request.clock.now,
        )
    except cases.NotAHolder as refusal:
        form.add_error("to", str(refusal))
        return _member_page(request, row, hand_form=form)
    toasts.say(request, _("%(count)s casos pasaron a %(name)s") % {"count": moved, "name": to.user.name})
    return HttpResponseRedirect(reverse("desk:member", args=[row.pk]))


@require_POST
@staff(P.EDIT_PEOPLE)
def link(request: StaffRequest, membership_id: int) -> HttpResponse:
    """Show, once, an address at which the person chooses its password: for whoever has no mail server, or lost the message."""
    row = _member(request, membership_id)
    try:
        told = {"link": access_services.link_for(actor=request.actor, membership=row, now=real_now())}
    except access_services.UnableToAdd as refusal:
        told = {"no_link": str(refusal)}
    return _member_page(request, row, **told)


@require_safe
@staff()
def matrix(request: StaffRequest) -> HttpResponse:
    """Draw the permission matrix, to read and to print."""
    roles = [(role, str(Role(role).label), ROLE_DESCRIPTIONS[role]) for role in ROLE_PERMISSIONS]
    rows = [
        (VERBS[verb], [verb in ROLE_PERMISSIONS[role] for role, _label, _text in roles])
        for verb in Permission
        if verb in VERBS
    ]
    return render(
        request, "desk/people/matrix.html", {**index(request, "matrix"), "roles": roles, "rows": rows}
    )


def _member(request: StaffRequest, membership_id: int) -> Membership:
    for member in access.members(request.actor):
        if member.pk == membership_id:
            return member
    raise Http404


def _member_page(
    request: StaffRequest, row: Membership, *, link: str = "", no_link: str = "", **forms: Any
) -> HttpResponse:
    others = _others(request, row)
    shown = {
        "form": MemberForm(initial=_values(row), teams=_teams(request)),
        "absence_form": AbsenceForm(others=others, initial=_away(request, row), request=request),
        "hand_form": HandOverForm(others=others), **forms,
    }  # fmt: skip
    context = {
        **index(request, "people"), "row": row, **shown, "roles": _roles(), "teams": _team_options(request),
        "others": [("", _("Nadie")), *((str(key), name) for key, name in others.items())],
        "link": link, "no_link": no_link, "is_away": row.is_away(request.clock.as_of), "may_edit": request.actor.may(P.EDIT_PEOPLE),
        "sign_ins": sign_ins(request.actor, membership_id=row.pk) if request.actor.may(P.EDIT_PEOPLE) else None,
    }  # fmt: skip
    has_errors = any(form.errors for form in shown.values())
    return render(request, "desk/people/member.html", context, status=422 if has_errors else 200)


def _row(request: StaffRequest, member: Membership) -> dict[str, Any]:
    return {"member": member, "role": Role(member.role).label, "is_away": member.is_away(request.clock.as_of)}


def _values(row: Membership) -> dict[str, Any]:
    return {"role": row.role, "team": str(row.team_id or ""), "is_active": row.is_active}


def _away(request: StaffRequest, row: Membership) -> dict[str, Any]:
    return {
        "from_on": day_text(row.absent_from_on, request),
        "until_on": day_text(row.absent_until_on, request),
        "stand_in": str(row.stand_in_id or ""),
    }


def _roles() -> list[tuple[str, str]]:
    return [(role.value, str(role.label)) for role in Role]


def _teams(request: StaffRequest) -> dict[int, str]:
    return {team.pk: team.name for team in access.teams(request.actor)}


def _team_options(request: StaffRequest) -> list[tuple[str, str]]:
    return [("", _("Sin equipo")), *((str(key), name) for key, name in _teams(request).items())]


def _others(request: StaffRequest, row: Membership) -> dict[int, str]:
    return {other.pk: other.user.name for other in access.members(request.actor) if other.pk != row.pk}


urls: list[URLPattern] = [
    path("ajustes/personas/", people, name="people"),
    path("ajustes/personas/nueva/", add, name="member-new"),
    path("ajustes/personas/<int:membership_id>/", member, name="member"),
    path("ajustes/personas/<int:membership_id>/ausencia/", absence, name="member-absence"),
    path("ajustes/personas/<int:membership_id>/traspaso/", hand_over, name="member-hand-over"),
    path("ajustes/personas/<int:membership_id>/enlace/", link, name="member-link"),
    path("ajustes/permisos/", matrix, name="permissions"),
]
