"""What a list may be narrowed and ordered by: an allow-list, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.models import Case, CaseBalance, Hold
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

SORTS: Final[dict[str, tuple[str, bool]]] = {
    "priority": ("priority", True), "overdue": ("overdue_minor", True), "worth": ("worth_minor", True), "age": ("oldest_due_on", False),
    "name": ("debtor_folded", False), "next_on": ("next_on", False),
}  # fmt: skip
"""Sort key -> its column, and whether the greatest comes first. A leading `-` turns it round."""

OWN_CASES_ONLY = "collectors_see_own_cases"
"""The organisation's setting that narrows collectors to their own cases and those without a holder."""


class BadFilter(ValueError):
    """A filter or sort that is not in the list, or whose value cannot be read; names which."""


@dataclass(frozen=True)
class CaseFilter:
    """Each field narrows the list; None does not.

    `buckets`: ageing keys (`not_due`, `1-30` …) of the oldest debt. `holder`: me, none, `user:12` or `team:3`. `currency`:
    cases with an open balance in it. Amounts in minor units of the case's currency. `no_contact_days`: nobody reached in so
    many days. `among`: ids of cases, or a query of them, from a room above; never read from data.
    """

    buckets: tuple[str, ...] | None = None
    stage: str | None = None
    portfolio_id: int | None = None
    party_id: int | None = None
    holder: str | None = None
    currency: str | None = None
    min_overdue_minor: int | None = None
    max_overdue_minor: int | None = None
    text: str | None = None
    promise_state: str | None = None
    has_dispute: bool | None = None
    no_contact_days: int | None = None
    in_hold: bool | None = None
    is_open: bool | None = True
    is_overdue: bool | None = None
    among: Any = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "CaseFilter":
        """Return the filter of a saved view or URL, where everything may be text. Raises BadFilter."""
        strange = sorted(set(data) - set(FILTERS))
        if strange:
            raise BadFilter(_("No existe el filtro «%(name)s».") % {"name": strange[0]})
        return cls(**{name: _read(name, value) for name, value in data.items() if value not in (None, "")})


@dataclass(frozen=True)
class CaseQuery:
    """A list of cases: filter, order, and which page of how many rows. `as_of` is the actor's business date."""

    as_of: date
    filter: CaseFilter = field(default_factory=CaseFilter)
    sort: str = "priority"
    cursor: str = ""
    limit: int = 50


FILTERS: Final = tuple(each.name for each in fields(CaseFilter) if each.name != "among")
"""What data may narrow a list by."""
_NUMBERS = frozenset(
    {"portfolio_id", "party_id", "min_overdue_minor", "max_overdue_minor", "no_contact_days"}
)
_FLAGS = frozenset({"has_dispute", "in_hold", "is_open", "is_overdue"})
_TRUE, _FALSE, _ANY = (
    frozenset({"1", "true", "on", "yes"}),
    frozenset({"0", "false", "off", "no"}),
    frozenset({"any"}),
)
_LARGEST = 2**63 - 1


def _read(name: str, value: Any) -> Any:
    problem = BadFilter(
        _("El filtro «%(name)s» no entiende «%(value)s».") % {"name": name, "value": str(value)[:60]}
    )
    if "\x00" in str(value):
        raise problem
    if name == "buckets":
        return tuple(value.split(",")) if isinstance(value, str) else tuple(str(each) for each in value)
    if name in _NUMBERS:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise problem from error
        if abs(number) > _LARGEST:
            raise problem
        return number
    if name in _FLAGS:
        text = str(value).lower()
        if text not in _TRUE | _FALSE | _ANY:
            raise problem
        return None if text in _ANY else text in _TRUE
    return str(value)[:200]


def scope(actor: Actor) -> Any:
    """Return the cases that the actor may see: all of the organisation, own and unassigned where it asks for that, or for
    whoever is limited those of its portfolios or placed with it."""
    rows = Case.objects.of(actor.organisation_id)
    return rows.filter(seen(actor)) if is_narrowed(actor) else rows


def seen(actor: Actor) -> Q:
    """Return what a row with `portfolio_id`, `team_id` and `holder_id` must be for a narrowed actor to see it."""
    if not actor.is_limited:
        return Q(holder_id=actor.user_id) | Q(holder_id=None)
    if actor.agency_id is not None:
        return Q(team_id=actor.agency_id)
    return Q(portfolio_id__in=list(ledger.portfolios(actor).values_list("pk", flat=True)))


def of_seen_cases(actor: Actor, rows: Any) -> Any:
    """Return the rows, of a table that has `case`, whose case the actor may see."""
    return rows.filter(case__in=scope(actor)) if is_narrowed(actor) else rows


def is_narrowed(actor: Actor) -> bool:
    """Return whether `scope` leaves cases out for this actor."""
    if actor.is_limited:
        return True
    if actor.user_id is None or actor.may(Permission.SEE_ALL_CASES) or actor.may(Permission.READ_EVERYTHING):
        return False
    return bool(access.organisation_of(actor).settings.get(OWN_CASES_ONLY))


def positions(keys: tuple[str, ...]) -> list[int]:
    """Return the positions of ageing keys. Raises BadFilter."""
    known = DEFAULT_BUCKETS.keys
    if strange := [key for key in keys if key not in known]:
        raise BadFilter(_("No existe el tramo «%(name)s».") % {"name": strange[0][:40]})
    return [known.index(key) for key in keys]


def narrowed(actor: Actor, wanted: CaseFilter, as_of: date) -> Any:
    """Return the rows of `scope` that the filter leaves. Raises BadFilter."""
    rows = scope(actor)
    for each in fields(wanted):
        value = getattr(wanted, each.name)
        if value is not None and each.name in _PLAIN:
            rows = rows.filter(**{_PLAIN[each.name]: value})
        elif value is not None:
            rows = _CONDITIONS[each.name](rows, value, actor, as_of)
    return rows


_PLAIN: Final = {
    "stage": "stage", "portfolio_id": "portfolio_id", "party_id": "party_id", "min_overdue_minor": "overdue_minor__gte",
    "max_overdue_minor": "overdue_minor__lte", "has_dispute": "has_dispute",
}  # fmt: skip


def _in_buckets(rows: Any, value: tuple[str, ...], actor: Actor, as_of: date) -> Any:
    return rows.filter(bucket__in=positions(value))


def _is_overdue(rows: Any, value: bool, actor: Actor, as_of: date) -> Any:
    return rows.filter(oldest_due_on__isnull=not value)


def only_open(rows: Any, value: bool = True) -> Any:
    """Return the open (or closed) ones. Django writes a bare `is_open`, for which SQLite has no index; `IN (1)` has one."""
    return rows.filter(is_open__in=[value])


def _is_open(rows: Any, value: bool, actor: Actor, as_of: date) -> Any:
    return only_open(rows, value)


def _with_promise(rows: Any, value: str, actor: Actor, as_of: date) -> Any:
    rows = rows.filter(promise_state=value)
    # Said as the partial index says it: no planner concludes it by itself.
    return rows if value == "none" else rows.filter(~Q(promise_state="none"))


def _held_by(rows: Any, value: str, actor: Actor, as_of: date) -> Any:
    column, key = holder_condition(value, actor)
    return rows.filter(**{column: key})


def holder_condition(value: str, actor: Actor) -> tuple[str, int | None]:
    """Return the column and its value for me, none, `user:12`, `team:3`. Raises BadFilter."""
    if value == "me":
        return "holder_id", actor.user_id if actor.user_id is not None else -1
    if value == "none":
        return "holder_id", None
    kind, _colon, key = value.partition(":")
    if kind not in {"user", "team"} or not (key.isascii() and key.isdigit()) or len(key) > 18:
        raise BadFilter(
            _("El filtro «%(name)s» no entiende «%(value)s».") % {"name": "holder", "value": value[:60]}
        )
    return ("holder_id" if kind == "user" else "team_id"), int(key)


def _in_currency(rows: Any, value: str, actor: Actor, as_of: date) -> Any:
    with_it = CaseBalance.objects.of(actor.organisation_id).filter(currency=value, documents__gt=0)
    return rows.filter(pk__in=with_it.values("case_id"))


def _with_text(rows: Any, value: str, actor: Actor, as_of: date) -> Any:
    found = parties.matching(actor.organisation_id, value)
    numbered = ledger_cases(actor, value)
    return rows.filter(found | Q(pk__in=numbered)) if numbered else rows.filter(found)


def ledger_cases(actor: Actor, text: str) -> list[int]:
    """Return the cases with a document of exactly that number."""
    return ledger.cases_with_number(actor, text.strip()) if any(letter.isdigit() for letter in text) else []


def _without_contact(rows: Any, value: int, actor: Actor, as_of: date) -> Any:
    since = datetime.combine(as_of - timedelta(days=min(max(value, 0), 36500)), time(), UTC)
    return rows.filter(Q(last_contact_at__isnull=True) | Q(last_contact_at__lt=since))


def _held_back(rows: Any, value: bool, actor: Actor, as_of: date) -> Any:
    paused = holds_in_force(actor.organisation_id, as_of).values("case_id")
    return rows.filter(pk__in=paused) if value else rows.exclude(pk__in=paused)


def _among(rows: Any, value: Any, actor: Actor, as_of: date) -> Any:
    return rows.filter(pk__in=value)


def holds_in_force(organisation_id: int, as_of: date) -> Any:
    """Return the holds of whole cases or documents that cover a day: [starts_on, ends_on), not released."""
    rows = Hold.objects.of(organisation_id).filter(released_at__isnull=True, starts_on__lte=as_of)
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=as_of))


_Condition = Callable[[Any, Any, Actor, date], Any]
_CONDITIONS: Final[dict[str, _Condition]] = {
    "buckets": _in_buckets, "is_overdue": _is_overdue, "is_open": _is_open, "promise_state": _with_promise,
    "holder": _held_by, "currency": _in_currency, "text": _with_text, "no_contact_days": _without_contact,
    "in_hold": _held_back, "among": _among,
}  # fmt: skip
