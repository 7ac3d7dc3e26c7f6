"""The query of the list of clients, read from its address and written back into other addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from aldia.cases import selectors as cases
from aldia.strategy import selectors as strategy
from aldia.web.desk.views import words

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

PAGE: Final = 50
EXPORT_PAGE: Final = 200
TAKEN: Final = (
    "text",
    "buckets",
    "portfolio_id",
    "currency",
    "stage",
    "holder",
    "promise_state",
    "has_dispute",
    "in_hold",
    "no_contact_days",
    "is_overdue",
    "segment",
)
"""The parameters that narrow the list; anything else in the address is left alone."""
LABELS: Final = {
    "text": gettext_lazy("Texto"),
    "buckets": gettext_lazy("Tramo"),
    "portfolio_id": gettext_lazy("Cartera"),
    "currency": gettext_lazy("Moneda"),
    "stage": gettext_lazy("Etapa"),
    "holder": gettext_lazy("Gestor"),
    "promise_state": gettext_lazy("Promesa"),
    "has_dispute": gettext_lazy("En disputa"),
    "in_hold": gettext_lazy("En pausa"),
    "no_contact_days": gettext_lazy("Sin contacto hace"),
    "is_overdue": gettext_lazy("En mora"),
    "segment": gettext_lazy("Segmento"),
}
SORTS: Final = (
    ("priority", gettext_lazy("prioridad")),
    ("overdue", gettext_lazy("vencido")),
    ("age", gettext_lazy("antigüedad")),
    ("name", gettext_lazy("nombre")),
    ("next_on", gettext_lazy("próximo paso")),
    ("worth", gettext_lazy("cobro esperado por minuto")),
)


@dataclass(frozen=True)
class CustomerQuery:
    """A query as it was understood, with the address that it came in. `currency`: what amounts are shown in."""

    query: cases.CaseQuery
    params: QueryDict
    currency: str

    def without(self, *names: str) -> cases.CaseQuery:
        """Return the query with some filters lifted."""
        return replace(self.query, filter=replace(self.query.filter, **dict.fromkeys(names)), cursor="")

    def counting(self) -> cases.CaseQuery:
        """Return the query of which only the count is wanted."""
        return replace(self.query, limit=1, cursor="")

    def exporting(self, cursor: str) -> cases.CaseQuery:
        """Return the query of one long page of an export."""
        return replace(self.query, limit=EXPORT_PAGE, cursor=cursor)

    def address(self, **changes: str | None) -> str:
        """Return the list's address with some parameters changed, at its first page."""
        params = self.params.copy()
        params.pop("cursor", None)
        for name, value in changes.items():
            params.pop(name, None)
            if value:
                params[name] = value
        return reverse("desk:customers") + (f"?{params.urlencode(safe=',:')}" if params else "")

    def toggled(self, bucket: str) -> str:
        """Return the address in which an ageing bucket is chosen, or no longer is."""
        chosen = list(self.query.filter.buckets or ())
        chosen = [key for key in chosen if key != bucket] if bucket in chosen else [*chosen, bucket]
        return self.address(buckets=",".join(chosen))

    def chips(self, options: Mapping[str, list[tuple[str, str]]]) -> list[dict[str, str]]:
        """Return the conditions in force, in words, each with the address that lifts it."""
        rows = []
        for name in TAKEN:
            value = self.params.get(name, "")
            if value:
                word = (
                    self._bucket_words()
                    if name == "buckets"
                    else dict(options.get(name, [])).get(value, value)
                )
                rows.append(
                    {"name": str(LABELS[name]), "value": word, "remove": self.address(**{name: None})}
                )
        return rows

    def _bucket_words(self) -> str:
        return ", ".join(
            str(words.BUCKETS[key]) for key in self.query.filter.buckets or () if key in words.BUCKETS
        )

    def adds(self, options: Mapping[str, list[tuple[str, str]]]) -> list[dict[str, Any]]:
        """Return the conditions that may be added, each option with its address."""
        return [
            {
                "name": str(LABELS[name]),
                "options": [(word, self.address(**{name: key})) for key, word in pairs],
            }
            for name, pairs in options.items()
            if not self.params.get(name) and pairs
        ]

    def sorts(self) -> dict[str, Any]:
        """Return the order in force and the addresses of the others."""
        asked = self.query.sort
        rows = [
            (key, str(word), self.address(sort=key if asked != key else f"-{key}")) for key, word in SORTS
        ]
        word = {key: word for key, word, _href in rows}[asked.removeprefix("-")]
        return {
            "word": word,
            "key": asked.removeprefix("-"),
            "is_turned": asked.startswith("-"),
            "rows": rows,
        }


def read_query(request: StaffRequest, told: Mapping[str, str] | None = None) -> CustomerQuery:
    """Return the query of an address; what is not a condition is ignored, what cannot be read narrows nothing."""
    params = _params(request.GET if told is None else told)
    data = {name: str(params[name]).replace("\x00", "") for name in TAKEN if params.get(name)}
    segment = data.pop("segment", "")
    wanted = _filter(data)
    if segment:
        wanted = replace(wanted, among=strategy.segment_cases(request.actor, segment))
    sort = params.get("sort", "priority")
    sort = sort if sort.removeprefix("-") in cases.SORTS else "priority"
    query = cases.CaseQuery(
        as_of=request.clock.as_of, filter=wanted, sort=sort, cursor=params.get("cursor", ""), limit=PAGE
    )
    return CustomerQuery(query, params, wanted.currency or request.organisation.currency)


def _params(told: Mapping[str, str]) -> QueryDict:
    if isinstance(told, QueryDict):
        return told
    params = QueryDict(mutable=True)
    params.update(dict(told))
    return params


def _filter(data: Mapping[str, str]) -> cases.CaseFilter:
    """The filter; a condition whose value makes no sense is left out, so that an old bookmark still opens."""
    kept: dict[str, str] = {}
    for name, value in data.items():
        try:
            cases.CaseFilter.from_data({name: value})
        except cases.BadFilter:
            continue
        kept[name] = value
    return cases.CaseFilter.from_data(kept)
