"""The rules of the house on the screen of the norms: listed with who, when and why; added, and ended, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.contact import services as contact
from aldia.contact.house.reading import house_rules, optional_rules
from aldia.domain.compliance.packs import DAYS
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.house_rules import HouseRuleForm
from aldia.web.desk.views import words
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

DAY_NAMES: Final = (
    gettext_lazy("lun"), gettext_lazy("mar"), gettext_lazy("mié"), gettext_lazy("jue"), gettext_lazy("vie"),
    gettext_lazy("sáb"), gettext_lazy("dom"),
)  # fmt: skip
UNITS: Final = (
    ("attempts", gettext_lazy("Intentos")),
    ("contacts", gettext_lazy("Contactos logrados")),
)


def add(request: StaffRequest) -> tuple[HouseRuleForm, str]:
    """Add what was written; return the form and why it was refused, empty when it was kept. Raises NotAllowed."""
    request.actor.check(Permission.EDIT_SETTINGS)
    form = HouseRuleForm(request.POST)
    if not form.is_valid():
        return form, " "
    try:
        contact.tighten(
            actor=request.actor, kind=form.cleaned_data["kind"], params=form.params(), reason=form.cleaned_data["reason"],
            as_of=request.clock.as_of, now=real_now(),
        )  # fmt: skip
    except contact.HouseRuleRefused as refused:
        return form, str(refused)
    return form, ""


def section(request: StaffRequest, country: str, form: HouseRuleForm | None, refused: str) -> dict[str, Any]:
    """What the part of the screen shows; `country` is the portfolio's, for its optional norms."""
    language = words.language()
    people = {f"user:{row.user_id}": row.user.name for row in access.members(request.actor)}
    house = house_rules(request.actor, language=language)
    on = {each.row.params.get("rule") for each in house if each.end is None}
    return {
        "form": form, "refused": refused.strip(), "may_edit": request.actor.may(Permission.EDIT_SETTINGS),
        "house": [
            {
                "says": each.says, "name": each.name, "row": each.row, "end": each.end,
                "made_by": people.get(each.row.made_by, each.row.made_by),
                "ended_by": people.get(each.end.ended_by, each.end.ended_by) if each.end else "",
            }
            for each in house
        ],
        "day_options": list(zip(DAYS, DAY_NAMES, strict=True)), "unit_options": UNITS,
        "picked_days": request.POST.getlist("days") if form else DAYS[:5],
        "picked_channels": request.POST.getlist("channels") if form else [],
        "optional": [
            {"id": rule.id, "says": rule.summary.of(language) if rule.summary else ""}
            for rule in optional_rules(country) if rule.id not in on
        ],
    }  # fmt: skip


@require_POST
@staff(Permission.EDIT_SETTINGS)
def end(request: StaffRequest, rule_id: int) -> HttpResponse:
    """End a rule of the house."""
    try:
        contact.end_tightening(
            actor=request.actor, rule_id=rule_id, reason=request.POST.get("reason", ""), now=real_now()
        )
    except contact.UnknownHouseRule as gone:
        raise Http404 from gone
    except contact.HouseRuleRefused as refused:
        toasts.say(request, str(refused))
    else:
        toasts.say(request, _("Regla terminada"))
    return HttpResponseRedirect(reverse("desk:settings-rules"))


urls: list[URLPattern] = [
    path("ajustes/normas/casa/<int:rule_id>/terminar/", end, name="settings-house-rule-end")
]
