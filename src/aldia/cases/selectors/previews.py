"""What a gesture over many cases would touch, exactly, before it is made."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Sum

from aldia.access.actors import Actor
from aldia.cases.models import BulkAction, CaseBalance
from aldia.cases.selectors.filters import CaseQuery, narrowed, scope

BULK_KINDS: Final = ("assign", "hold", "send", "stage")
BULK_LIMIT: Final = 20_000


@dataclass(frozen=True)
class BulkPreview:
    """How many cases and how much open money by currency (minor units); `token` names exactly this selection.

    The person types `cases` to confirm. With more than BULK_LIMIT cases `is_too_many`, and nothing else is counted.
    """

    case_ids: tuple[int, ...]
    cases: int
    total_minor: dict[str, int]
    overdue_minor: dict[str, int]
    token: str
    is_too_many: bool = False


def bulk_preview(actor: Actor, selection: CaseQuery | Sequence[int]) -> BulkPreview:
    """Return what a gesture over the selection (a query, or case ids) would touch. Raises BadFilter."""
    if isinstance(selection, CaseQuery):
        rows = narrowed(actor, selection.filter, selection.as_of)
    else:
        rows = scope(actor).filter(pk__in=list(selection))
    case_ids = tuple(rows.order_by("pk").values_list("pk", flat=True)[: BULK_LIMIT + 1])
    if len(case_ids) > BULK_LIMIT:
        return BulkPreview((), BULK_LIMIT, {}, {}, "", is_too_many=True)
    money = (
        CaseBalance.objects.of(actor.organisation_id)
        .filter(case_id__in=case_ids, documents__gt=0)
        .values("currency")
    )
    sums = list(money.annotate(total=Sum("total_minor"), overdue=Sum("overdue_minor")).order_by("currency"))
    total = {row["currency"]: int(row["total"]) for row in sums}
    overdue = {row["currency"]: int(row["overdue"]) for row in sums}
    digest = hashlib.sha256(repr((case_ids, sorted(total.items()))).encode()).hexdigest()[:16]
    return BulkPreview(case_ids, len(case_ids), total, overdue, f"{len(case_ids)}-{digest}")


def bulk_actions(actor: Actor, *, limit: int = 20) -> list[BulkAction]:
    """Return the latest gestures, the newest first."""
    return list(BulkAction.objects.of(actor.organisation_id).order_by("-id").defer("before")[:limit])
