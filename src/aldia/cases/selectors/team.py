"""How the work is shared: what each person holds, how much waits today, and the money behind each ageing button."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from aldia.access.actors import Actor
from aldia.cases.models import Case, CaseTotal
from aldia.cases.selectors.filters import CaseQuery, holder_condition, is_narrowed, narrowed, seen
from aldia.cases.selectors.sums import _can_roll_up
from aldia.domain.ageing import DEFAULT_BUCKETS


@dataclass(frozen=True)
class Load:
    """What one person holds: open cases, and how many of them are overdue. `user_id` None: the team's, without a holder."""

    user_id: int | None
    cases: int
    overdue: int


@dataclass(frozen=True)
class InHand:
    """The case that somebody is in."""

    case_id: int
    debtor: str


@dataclass(frozen=True)
class BucketBar:
    """The cases whose oldest debt is in a bucket, and their money in one currency: overdue, or all of it where none is."""

    key: str
    cases: int
    minor: int


def loads(actor: Actor) -> list[Load]:
    """Return what each holder has open, from the roll-up: the same cost whatever the size."""
    rows = CaseTotal.objects.of(actor.organisation_id).values("holder_id")
    found = rows.annotate(held=Sum("cases"), late=Sum("cases", filter=Q(bucket__gt=0)))
    return [
        Load(row["holder_id"], int(row["held"]), int(row["late"] or 0)) for row in found.order_by("holder_id")
    ]


def in_hand(actor: Actor, now: datetime) -> dict[int, InHand]:
    """Return the case that each person is in now, by user; who is in none is not there."""
    rows = Case.objects.of(actor.organisation_id).filter(reserved_until_at__gt=now).exclude(reserved_by=None)
    told = rows.order_by("reserved_until_at").values_list("reserved_by_id", "pk", "debtor_name")
    return {user_id: InHand(case_id, debtor) for user_id, case_id, debtor in told}


def bucket_bars(actor: Actor, query: CaseQuery, *, currency: str) -> list[BucketBar]:
    """Return the ageing buttons of a selection (its own buckets aside), in one currency. Raises BadFilter."""
    if _can_roll_up(query.filter):
        found = _rolled_up(actor, query, currency)
    else:
        rows = (
            narrowed(actor, query.filter, query.as_of).filter(currency=currency).order_by().values("bucket")
        )
        found = list(rows.annotate(held=Count("pk"), total=Sum("total_minor"), late=Sum("overdue_minor")))
    by_position = {row["bucket"]: row for row in found}
    return [_bar(key, by_position.get(position)) for position, key in enumerate(DEFAULT_BUCKETS.keys)]


def _bar(key: str, row: dict[str, int] | None) -> BucketBar:
    if row is None:
        return BucketBar(key, 0, 0)
    return BucketBar(key, int(row["held"]), int((row["total"] if row["bucket"] == 0 else row["late"]) or 0))


def _rolled_up(actor: Actor, query: CaseQuery, currency: str) -> list[dict[str, int]]:
    rows = CaseTotal.objects.of(actor.organisation_id).filter(currency=currency)
    if is_narrowed(actor):
        rows = rows.filter(seen(actor))
    wanted = query.filter
    if wanted.is_overdue is not None:
        rows = rows.filter(bucket__gt=0) if wanted.is_overdue else rows.filter(bucket=0)
    if wanted.holder is not None:
        column, key = holder_condition(wanted.holder, actor)
        rows = rows.filter(**{column: key})
    for name in ("stage", "portfolio_id"):
        if (value := getattr(wanted, name)) is not None:
            rows = rows.filter(**{name: value})
    column = "balances" if wanted.currency else "cases"
    sums = rows.values("bucket").annotate(
        held=Sum(column), total=Sum("total_minor"), late=Sum("overdue_minor")
    )
    return list(sums.order_by("bucket"))
