"""Settings of the law: closed days, the hours and rules that bind a portfolio, with their source, and «may I call X on Saturday at 15:10?»."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aldia.access import selectors as access
from aldia.cases import selectors as cases
from aldia.contact import law_reading
from aldia.contact import selectors as contact
from aldia.domain.calendars import holiday_names
from aldia.domain.spoken_dates import UnreadableDate, read_date
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.intake import COUNTRIES
from aldia.web.desk.views import settings_house, words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.contact.law_reading import LawView
    from aldia.domain.compliance.packs import Rule
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.forms.house_rules import HouseRuleForm

_WHOLE_DAY: Final = "0:00–24:00"
KINDS: Final = {
    "contact_window": gettext_lazy("Horario"), "frequency_cap": gettext_lazy("Tope"), "event_block": gettext_lazy("Freno"),
    "forbidden_target": gettext_lazy("A quién no"), "required_content": gettext_lazy("Contenido"), "consent": gettext_lazy("Consentimiento"),
    "conduct_ban": gettext_lazy("Conducta"), "retention": gettext_lazy("Conservación"), "limitation": gettext_lazy("Prescripción"),
    "charge_ceiling": gettext_lazy("Cargos"), "notice_before": gettext_lazy("Aviso previo"), "precondition": gettext_lazy("Requisito"),
}  # fmt: skip
SURE: Final = {
    "official": (gettext_lazy("Texto oficial"), "ok"), "primary": (gettext_lazy("Fuente directa"), "ok"),
    "secondary": (gettext_lazy("Fuente indirecta"), "warn"), "from-memory": (gettext_lazy("Sin verificar"), "warn"),
    "own": (gettext_lazy("De la casa"), "info"),
    "conflicting": (gettext_lazy("Fuentes en conflicto"), "bad"), "not-law": (gettext_lazy("No es ley"), "neutral"),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def rules(request: StaffRequest) -> HttpResponse:
    """Draw the law of a portfolio and answer a question about one client and one instant; a POST adds a rule of the house."""
    form, refused = settings_house.add(request) if request.method == "POST" else (None, "")
    if form and not refused:
        toasts.say(request, _("Regla agregada"))
        return HttpResponseRedirect(reverse("desk:settings-rules"))
    return render(
        request, "desk/settings/rules.html", _context(request, form, refused), status=422 if form else 200
    )


def _context(request: StaffRequest, form: HouseRuleForm | None, refused: str) -> dict[str, Any]:
    rows = list(ledger.portfolios(request.actor))
    wanted = request.GET.get("cartera", "")
    portfolio = next((row for row in rows if str(row.pk) == wanted), rows[0] if rows else None)
    view = (
        law_reading.law_of_portfolio(
            request.actor, portfolio.pk, on=request.clock.as_of, language=words.language()
        )
        if portfolio
        else None
    )
    return {
        **index(request, "rules"), "portfolios": rows, "portfolio": portfolio, "view": view, "hours": _hours(view) if view else [],
        "country": dict(COUNTRIES).get(view.country, view.country) if view else "", "version": _version(view) if view else None,
        "rules": [_told(rule) for rule in view.rules] if view else [],
        "channels": [(key, words.channel(key)[0]) for key in contact.CHANNELS], "asked": request.GET, **_answer(request),
        **settings_house.section(request, view.country if view else "", form, refused),
    }  # fmt: skip


def _told(rule: Rule) -> dict[str, Any]:
    """A rule in the reader's language, with its kind and how sure its source is."""
    return {
        "rule": rule, "kind": KINDS.get(rule.kind, rule.kind), "sure": SURE.get(rule.confidence),
        "says": rule.summary.of(words.language()) if rule.summary else "",
    }  # fmt: skip


def _version(view: LawView) -> date | None:
    """The day of the law that is in force; the mark of its text stays in the title."""
    try:
        return date.fromisoformat(view.version.partition("+")[0])
    except ValueError:
        return None


def _hours(view: LawView) -> list[dict[str, Any]]:
    """The channels with the same hours on one line, and the days with the same hours in one span."""
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for each in view.hours:
        alike.setdefault(each.days, []).append(words.channel(each.channel))
    return [{"channels": channels, "spans": _spans(days)} for days, channels in alike.items()]


def _spans(days: tuple[str, ...]) -> list[tuple[str, str]]:
    spans: list[tuple[str, str]] = []
    for text, run in groupby(range(7), key=lambda at: days[at]):
        places = list(run)
        first, last = settings_house.DAY_NAMES[places[0]], settings_house.DAY_NAMES[places[-1]]
        name = str(first) if len(places) == 1 else _("%(first)s a %(last)s") % {"first": first, "last": last}
        spans.append((name, _("todo el día") if text == _WHOLE_DAY else text))
    return spans


def _answer(request: StaffRequest) -> dict[str, Any]:
    """The answer to the question of the address; `problem` says what could not be understood."""
    text = request.GET.get("cliente", "").strip()[:100].replace("\x00", "")
    channel = request.GET.get("canal", "call")
    if not text or channel not in contact.CHANNELS:
        return {}
    found = cases.search(request.actor, text, as_of=request.clock.as_of, limit=1)
    if not found:
        return {"problem": _("No encontramos a «%(text)s».") % {"text": text}}
    try:
        on = read_date(
            request.GET.get("dia", "") or "hoy",
            as_of=request.clock.as_of,
            language=words.language(),
        )
        hour = time.fromisoformat(request.GET.get("hora", "") or "10:00")
    except (UnreadableDate, ValueError) as problem:
        return {
            "problem": str(problem)
            if isinstance(problem, UnreadableDate)
            else _("La hora se escribe como 15:10.")
        }
    case = found[0].case
    at = datetime.combine(on, hour.replace(tzinfo=None), ZoneInfo(request.organisation.timezone))
    answer = law_reading.answer_at(
        request.actor, case.case_id, channel=channel, at=at, language=words.language()
    )
    return {
        "laws": [_told(rule) for rule in answer.rules],
        "answer": answer,
        "who": case.name,
        "by": words.channel(channel)[0],
        "at": at,
    }


def closed_days(request: StaffRequest) -> list[tuple[int, list[dict[str, Any]]]]:
    """The days on which nobody is contacted from today to the end of next year, the country's and the own ones, by year."""
    house, first = request.organisation, request.clock.as_of
    own = {row.on: row.name for row in access.holidays_listed(request.actor)}
    years = sorted({first.year, first.year + 1, *(on.year for on in own)})
    told = []
    for year in years:
        public = dict(holiday_names(house.country, year, words.language()[:2]))
        rows = [
            {"on": on, "name": own.get(on) or public[on], "is_own": on in own}
            for on in sorted({*public, *own})
            if on.year == year and (on >= first or on in own)
        ]
        told.append((year, rows))
    return [(year, rows) for year, rows in told if rows]


urls: list[URLPattern] = [path("ajustes/normas/", rules, name="settings-rules"), *settings_house.urls]
