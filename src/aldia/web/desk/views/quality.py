"""Screens of treatment: recovery beside satisfaction and quality, the week's sample to review, one review, and the criteria."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.quality import BEST, LEAST, BadCriteria
from aldia.kpi import treatment
from aldia.outcomes import selectors as outcomes
from aldia.outcomes.quality import opinions, reviews
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.indicators import asked, tabs
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

PLACES: Final = {
    "both": (gettext_lazy("Cobra y trata bien"), "ok"), "recovers": (gettext_lazy("Cobra, pero trata mal"), "warn"),
    "treats": (gettext_lazy("Trata bien, cobra poco"), "info"), "neither": (gettext_lazy("Ni cobra ni trata bien"), "bad"),
    "": (gettext_lazy("Faltan datos"), "neutral"),
}  # fmt: skip
BY: Final = {
    "person": gettext_lazy("Persona"),
    "team": gettext_lazy("Equipo"),
    "strategy": gettext_lazy("Estrategia"),
}
MARKS: Final = (
    ("2", gettext_lazy("Sí")), ("1", gettext_lazy("En parte")), ("0", gettext_lazy("No")), ("", gettext_lazy("No aplica")),
)  # fmt: skip
WEEKS: Final = 6
_WRONG: Final = 422


@require_safe
@staff(P.SEE_INDICATORS)
def quality(request: StaffRequest) -> HttpResponse:
    """Draw how clients were treated beside what came in; who sees only himself, what was said and found of his own work."""
    query, chosen = asked(request)
    by = request.GET.get("por", "")
    by = by if by in BY else "person"
    sees_team = request.actor.may(P.SEE_TEAM)
    end = query.last_on + timedelta(days=1)
    context = {
        **chosen, "tabs": tabs(request, "quality"), "currency": query.currency, "summary": treatment.summary(request.actor, query),
        "rows": [(row, *PLACES[row.place]) for row in treatment.two_axes(request.actor, query, by)] if sees_team else [],
        "by": list(BY.items()), "by_on": BY[by], "least": LEAST, "sees_team": sees_team,
        "pressure": _pressure(request) if sees_team else None,
        "said": _opinions(request, opinions.opinions(request.actor, from_on=query.period.start, to_on=end, limit=20)),
        "own": reviews.own_reviews(request.actor),
    }  # fmt: skip
    return render(request, "desk/indicators/quality.html", context)


@require_safe
@staff(P.SEE_INDICATORS)
def card(request: StaffRequest) -> HttpResponse:
    """Draw the few figures of treatment for the board, asked for once it is on screen."""
    query, _chosen = asked(request)
    context = {
        "summary": treatment.summary(request.actor, query),
        "pressure": _pressure(request) if request.actor.may(P.SEE_TEAM) else None,
    }
    return render(request, "desk/indicators/_quality_card.html", context)


@require_safe
@staff(P.SEE_TEAM)
def sample(request: StaffRequest) -> HttpResponse:
    """Draw the sample of a week, agent by agent."""
    mondays = _mondays(request.clock.as_of)
    told = request.GET.get("semana", "")
    monday = next((each for each in mondays if each.isoformat() == told), mondays[0])
    found = reviews.sample(request.actor, week_on=monday)
    context = {
        "tabs": tabs(request, "quality"), "monday": monday, "mondays": mondays, "rows": _drawn(request, found), "each": reviews.EACH,
        "done": sum(row.review is not None for row in found), "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(request, "desk/indicators/quality_sample.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.SEE_INDICATORS)
def one(request: StaffRequest, outcome_id: int) -> HttpResponse:
    """Review one conversation; its agent reads the review and may answer it once."""
    try:
        row, note = reviews.review_of(request.actor, outcome_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    problem = ""
    if request.method == "POST":
        problem = _kept(request, row)
        if not problem:
            return HttpResponseRedirect(reverse("desk:quality-one", args=[outcome_id]))
    card = reviews.scorecard(
        request.actor.organisation_id, version=row.review.form_version if row.review else None
    )
    given = row.review.marks if row.review else {key: request.POST.get(key, "") for key in _keys(card)}
    [drawn] = _drawn(request, [row])
    context = {
        "tabs": tabs(request, "quality"), "item": drawn, "review": row.review, "note": note, "problem": problem, "marks": MARKS,
        "criteria": [(one, str(given.get(one.key, "")) if given.get(one.key) is not None else "") for one in card.criteria],
        "best": BEST, "comment": request.POST.get("comment", ""), "is_own": row.user_id == request.actor.user_id,
        "may_review": request.actor.may(P.APPROVE_AGREEMENTS) and row.user_id != request.actor.user_id,
    }  # fmt: skip
    return render(request, "desk/indicators/quality_one.html", context, status=_WRONG if problem else 200)


@require_POST
@staff(P.EDIT_STRATEGIES)
def criteria(request: StaffRequest) -> HttpResponse:
    """Keep the criteria as they are written, one a line: «weight; what is looked at»."""
    try:
        reviews.save_criteria(
            actor=request.actor, criteria=_lines(request.POST.get("criteria", "")), clock=request.clock
        )
    except BadCriteria:
        toasts.say(request, _("Escribe un criterio por línea, con su peso: «3; Escuchó»."))
    else:
        toasts.say(request, _("Criterios guardados: valen para las próximas revisiones"))
    return HttpResponseRedirect(reverse("desk:quality-criteria"))


@require_safe
@staff(P.SEE_TEAM)
def criteria_page(request: StaffRequest) -> HttpResponse:
    """Draw the criteria in force."""
    found = reviews.scorecard(request.actor.organisation_id)
    context = {
        "tabs": tabs(request, "quality"), "card": found, "may_edit": request.actor.may(P.EDIT_STRATEGIES),
        "text": "\n".join(f"{one.weight}; {one.label}" for one in found.criteria),
    }  # fmt: skip
    return render(request, "desk/indicators/quality_criteria.html", context)


def _kept(request: StaffRequest, row: reviews.Sampled) -> str:
    """Keep the review, or the answer to it; return what is wrong."""
    try:
        if row.review is not None:
            reviews.answer_review(
                actor=request.actor,
                review_id=row.review.pk,
                text=request.POST.get("answer", ""),
                clock=request.clock,
            )
            toasts.say(request, _("Respuesta guardada"))
            return ""
        given = {
            key: int(value) if (value := request.POST.get(key, "")) in {"0", "1", "2"} else None
            for key in _keys(reviews.scorecard(request.actor.organisation_id))
        }
        reviews.review(
            actor=request.actor, outcome_id=row.outcome_id, marks=given, comment=request.POST.get("comment", ""), clock=request.clock
        )  # fmt: skip
    except reviews.ReviewRefused as refusal:
        return str(refusal)
    toasts.say(request, _("Revisión guardada: la persona ya la ve"))
    return ""


def _keys(card: reviews.Scorecard) -> list[str]:
    return [one.key for one in card.criteria]


def _lines(text: str) -> list[tuple[str, int]]:
    """The criteria of a text. Raises BadCriteria."""
    rows = []
    for line in text.splitlines():
        weight, _sign, label = line.partition(";")
        if line.strip():
            if not (weight.strip().isascii() and weight.strip().isdigit() and len(weight.strip()) < 3):
                raise BadCriteria(line)
            rows.append((label, int(weight)))
    return rows


def _drawn(request: StaffRequest, rows: list[reviews.Sampled]) -> list[dict[str, Any]]:
    """Each conversation with the names that its ids stand for, of cases that the reader may see."""
    people = {row.user_id: row.user.name for row in access.members(request.actor)}
    labels = outcomes.outcome_labels(request.actor, words.language())
    names = _case_names(request, [row.case_id for row in rows])
    return [
        {
            "row": row, "agent": people.get(row.user_id, "–"), "outcome": labels.get(row.type_key, row.type_key),
            "channel": words.channel(row.channel), "client": names.get(row.case_id, ""),
        }
        for row in rows
    ]  # fmt: skip


def _opinions(request: StaffRequest, rows: list[Any]) -> list[tuple[Any, str]]:
    names = _case_names(request, [row.case_id for row in rows if row.case_id])
    return [(row, names.get(row.case_id, "")) for row in rows]


def _case_names(request: StaffRequest, ids: list[int]) -> dict[int, str]:
    return dict(cases.scope(request.actor).filter(pk__in=ids).values_list("pk", "debtor_name"))


def _pressure(request: StaffRequest) -> dict[str, Any]:
    told = treatment.pressure(request.actor, as_of=request.clock.as_of)
    names = _case_names(request, [case_id for case_id, _count in told.case_ids])
    return {"told": told, "top": [(key, names[key], count) for key, count in told.case_ids if key in names]}


def _mondays(as_of: date) -> list[date]:
    """The Mondays of the last weeks that are over, the newest first: a week that still runs has no fair sample yet."""
    this = as_of - timedelta(days=as_of.weekday())
    return [this - timedelta(weeks=back) for back in range(1, WEEKS + 1)]


urls: list[URLPattern] = [
    path("indicadores/calidad/", quality, name="quality"),
    path("indicadores/calidad/resumen/", card, name="quality-card"),
    path("indicadores/calidad/revisar/", sample, name="quality-sample"),
    path("indicadores/calidad/revisar/<int:outcome_id>/", one, name="quality-one"),
    path("indicadores/calidad/criterios/", criteria_page, name="quality-criteria"),
    path("indicadores/calidad/criterios/guardar/", criteria, name="quality-criteria-save"),
]
