"""Screen: the list of clients. Its address is the query: views, ageing, conditions, order and page, all in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.cases.selectors import team as cases_team
from aldia.domain.money import to_major
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.parties import selectors as parties
from aldia.strategy import selectors as strategy
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.customers import TAKEN, CustomerQuery, read_query
from aldia.web.desk.views import clients_bulk, duplicates, words
from aldia.web.ui import export, formats, toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

READ = (Permission.WORK_CASES, Permission.READ_EVERYTHING)
SCREEN: Final = "customers"
MOST_EXPORTED: Final = 20_000
_USUAL: Final = (
    (gettext_lazy("Todos"), ""),
    (gettext_lazy("Mora 1–60"), "buckets=1-30,31-60"),
    (gettext_lazy("Promesas rotas"), "promise_state=broken"),
    (gettext_lazy("Sin contacto en 30 días"), "no_contact_days=30&is_overdue=1"),
    (gettext_lazy("En disputa"), "has_dispute=1"),
    (gettext_lazy("Míos"), "holder=me"),
)


@require_safe
@staff(*READ)
def customers(request: StaffRequest) -> HttpResponse:
    """One page of the list, with what narrows it."""
    told = read_query(request)
    try:
        page = cases.case_list(request.actor, told.query)
    except cases.BadFilter as refusal:
        toasts.warn(request, str(refusal))
        told = read_query(request, told={})
        page = cases.case_list(request.actor, told.query)
    names = _names(request)
    worth = told.query.sort.removeprefix("-") == "worth"
    context = {
        "rows": drawn(request, page.rows, with_reasons=worth),
        "is_by_worth": worth,
        "is_rule_of_thumb": worth and not strategy.score_in_use(request.actor).is_learnt,
        "page": page,
        "pager": _pager(request, page),
        "tabs": (tabs := _tabs(request)),
        "told": told,
        "bars": _bars(request, told, page),
        "currency": told.currency,
        "chips": told.chips(names),
        "adds": told.adds(names),
        "sorts": told.sorts(),
        "overdue": _overdue(page, told),
        "can_bulk": request.actor.may(Permission.BULK_ACT),
        "may_load": request.actor.may(Permission.LOAD_FILES),
        "can_export": request.actor.may(Permission.EXPORT),
        "here": request.GET.urlencode(),
        "count": _count(request, page),
        "is_saved": any(tab["is_on"] for tab in tabs),
    }
    return render(request, "desk/clients/page.html", context)


def drawn(
    request: StaffRequest, rows: tuple[cases.CaseRow, ...], *, with_reasons: bool = False
) -> list[dict[str, Any]]:
    """Return what each row shows, flat: a template that digs into an object tries it as a dictionary first, cell by cell."""
    documents = parties.tax_ids(request.actor, [row.party_id for row in rows])
    names = {member.user_id: words.short_name(member.user.name) for member in access.members(request.actor)}
    labels = outcomes.outcome_labels(request.actor, words.language())
    found = [row.case_id for row in rows]
    as_of, language = request.clock.as_of, words.language()
    reasons = (
        strategy.worth_reasons(request.actor, found, as_of=as_of, language=language) if with_reasons else {}
    )
    rows_shown = []
    for row in rows:
        tax_id, kind = documents.get(row.party_id, ("", ""))
        _key, bucket, step = words.bucket(row.bucket)
        rows_shown.append(
            vars(row) | {
                "document": formats.masked(tax_id, kind) if tax_id else "", "bucket": bucket, "step": step,
                "last": labels.get(row.last_outcome, row.last_outcome), "holder": names.get(row.holder_id or 0, ""),
                "stage": words.stage(row.stage).word, "chance": reasons.get(row.case_id, (0, ()))[0] / 1000,
                "why": reasons.get(row.case_id, (0, ()))[1],
            }
        )  # fmt: skip
    return rows_shown


def _count(request: StaffRequest, page: cases.Page) -> str:
    return formats.count(
        page.count,
        formats.regional_of(request).locale,
        cap=page.count + (not page.is_capped),
    )


def _pager(request: StaffRequest, page: cases.Page) -> dict[str, str]:
    def address(cursor: str) -> str:
        params = request.GET.copy()
        params["cursor"] = cursor
        return f"{request.path}?{params.urlencode()}"

    is_first = not request.GET.get("cursor")
    return {
        "next": address(page.next_cursor) if page.next_cursor else "",
        "previous": address(page.previous_cursor) if page.previous_cursor else "",
        "first": "1" if is_first else "",
        "last": str(len(page.rows)) if is_first and page.rows else "",
    }


def _tabs(request: StaffRequest) -> list[dict[str, Any]]:
    """The usual views and those that somebody saved; counts come after the page, so that it never waits for them."""
    here = _plain(request.GET)
    views = [(str(name), query, 0) for name, query in _USUAL]
    views += [
        (view.name, view.query, view.pk if view.user_id else 0)
        for view in access.saved_views(request.actor, SCREEN)
    ]
    url = reverse("desk:customers")
    return [
        {
            "label": name,
            "href": f"{url}?{query}" if query else url,
            "is_on": _plain(QueryDict(query)) == here,
            "query": query,
            "id": own,
        }
        for name, query, own in views
    ]


def _plain(params: QueryDict) -> tuple[tuple[Any, Any], ...]:
    """A query without its page and order: what makes two addresses the same view."""
    return tuple(sorted((name, params.get(name, "")) for name in TAKEN if params.get(name)))


def _bars(request: StaffRequest, told: CustomerQuery, page: cases.Page) -> list[dict[str, Any]]:
    """The ageing buttons: what each would leave, and whether it is chosen. Without amounts where counting would be slow."""
    aside = told.without("buckets")
    bars = (
        []
        if page.is_capped and page.totals is None
        else cases_team.bucket_bars(request.actor, aside, currency=told.currency)
    )
    total = sum(max(bar.minor, 0) for bar in bars) or 1
    found = {bar.key: bar for bar in bars}
    rows = []
    for position, key in enumerate(words.BUCKETS):
        _key, label, step = words.bucket(position)
        bar = found.get(key)
        share = max(bar.minor, 0) / total if bar else 0.2
        rows.append(
            {
                "label": label,
                "step": step,
                "minor": bar.minor if bar else 0,
                "share": max(share, 0.08),
                "count": bar.cases if bar else None,
                "href": told.toggled(key),
                "is_on": key in (told.query.filter.buckets or ()),
            }
        )
    return rows


def _overdue(page: cases.Page, told: CustomerQuery) -> int | None:
    return page.totals[told.currency].overdue_minor if page.totals and told.currency in page.totals else None


def _names(request: StaffRequest) -> dict[str, list[tuple[str, str]]]:
    """The options of each condition, in words."""
    portfolios = list(ledger.portfolios(request.actor))
    people = [(f"user:{row.user_id}", row.user.name) for row in access.members(request.actor)]
    groups = [(f"team:{team.pk}", team.name) for team in access.teams(request.actor)]
    return {
        "portfolio_id": [(str(row.pk), row.name) for row in portfolios],
        "currency": [
            (code, code)
            for code in dict.fromkeys([request.organisation.currency, *(row.currency for row in portfolios)])
        ],
        "stage": words.stages(),
        "holder": [("me", _("Yo")), ("none", _("Nadie")), *people, *groups],
        "promise_state": words.options(words.PROMISE_STATES),
        "has_dispute": [("1", _("Sí")), ("0", _("No"))],
        "in_hold": [("1", _("Sí")), ("0", _("No"))],
        "no_contact_days": [(str(days), formats.days(days)) for days in (7, 15, 30, 60, 90)],
        "is_overdue": [("1", _("Sí")), ("0", _("No"))],
        "segment": strategy.segment_names(request.actor),
    }


@require_safe
@staff(*READ)
def counts(request: StaffRequest) -> HttpResponse:
    """The tabs again, now with how many clients each holds."""
    tabs = _tabs(request)
    for tab in tabs:
        told = read_query(request, told=QueryDict(tab["query"]))
        try:
            page = cases.case_list(request.actor, told.counting())
        except cases.BadFilter:
            continue
        tab["count"] = _count(request, page)
    return render(request, "desk/clients/_tabs.html", {"tabs": tabs, "counted": True})


@require_POST
@staff(*READ)
def save_view(request: StaffRequest) -> HttpResponse:
    """Keep the query of the list under a name."""
    query = QueryDict(request.POST.get("query", "")[:1000])
    kept = QueryDict(mutable=True)
    for name in (*TAKEN, "sort"):
        if query.get(name):
            kept[name] = query[name]
    name = request.POST.get("name", "").strip()[:60]
    if name:
        access_services.save_view(actor=request.actor, screen=SCREEN, name=name, query=kept.urlencode())
        toasts.say(request, _("Vista guardada: %(name)s") % {"name": name})
    else:
        toasts.warn(request, _("Ponle un nombre a la vista."))
    return HttpResponseRedirect(f"{reverse('desk:customers')}?{kept.urlencode()}")


@require_POST
@staff(*READ)
def forget_view(request: StaffRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    access_services.delete_view(actor=request.actor, view_id=view_id)
    toasts.say(request, _("Vista borrada"))
    return HttpResponseRedirect(reverse("desk:customers"))


@require_safe
@staff(Permission.EXPORT)
def exported(request: StaffRequest) -> HttpResponse:
    """The whole selection as a workbook, in the order of the screen, up to MOST_EXPORTED rows."""
    told = read_query(request)
    head = [
        _("Cliente"),
        _("Documento"),
        _("Tramo"),
        _("Días"),
        _("Moneda"),
        _("Vencido"),
        _("Total"),
        _("Etapa"),
        _("Última gestión"),
        _("Próximo paso"),
        _("Fecha"),
        _("Gestor"),
    ]
    rows: list[list[Any]] = []
    query = told.exporting("")
    while len(rows) < MOST_EXPORTED:
        page = cases.case_list(request.actor, query)
        rows += [_cells(row) for row in drawn(request, page.rows)]
        if not page.next_cursor:
            break
        query = told.exporting(page.next_cursor)
    return export.as_xlsx("clientes", head, rows)


def _cells(row: dict[str, Any]) -> list[Any]:
    overdue, total = (to_major(row[name], row["currency"]) for name in ("overdue_minor", "total_minor"))
    return [
        row["name"], row["document"], row["bucket"], row["dpd"], row["currency"], overdue, total, row["stage"], row["last"],
        row["next_step"], row["next_on"], row["holder"],
    ]  # fmt: skip


urls: list[URLPattern] = [
    path("clientes/", customers, name="customers"),
    path("clientes/vistas/", counts, name="customers-counts"),
    path("clientes/vistas/guardar/", save_view, name="view-save"),
    path("clientes/vistas/<int:view_id>/borrar/", forget_view, name="view-forget"),
    path("clientes/exportar/", exported, name="customers-export"),
    *clients_bulk.urls,
    *duplicates.urls,
]
