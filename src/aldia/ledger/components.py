"""What is open of a document by component: principal, interest, charges. A document without instalments has one, its principal."""

from collections.abc import Sequence

import polars as pl
from django.db.models import Sum

from aldia.domain.allocation import AllocationOrder, netted
from aldia.ledger.models import BookAccount, Leg


def component_balances(organisation_id: int, document_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return what is open of documents by component, after every leg; what is nothing is left out.

    Where an old entry left a component below nothing, the others bear it, charges first: the sum is the document's balance.
    """
    legs = Leg.objects.of(organisation_id).filter(
        document_id__in=list(document_ids), book=BookAccount.RECEIVABLE
    )
    sums: dict[int, dict[str, int]] = {}
    for document_id, component, minor in legs.values_list("document_id", "component").annotate(
        Sum("amount_minor")
    ):
        sums.setdefault(document_id, {})[component] = minor
    return {document_id: netted(parts) for document_id, parts in sums.items()}


_STEPS = {"document_id": pl.Int64, "component": pl.String, "floor": pl.Int64, "ceiling": pl.Int64}


def component_steps(
    organisation_id: int, document_ids: Sequence[int], order: AllocationOrder
) -> pl.DataFrame:
    """Return (document_id, component, floor, ceiling): money from `floor` to `ceiling` of what a document takes pays that component."""
    rows = []
    for document_id, parts in component_balances(organisation_id, document_ids).items():
        floor = 0
        for component in sorted(parts, key=order.rank_of):
            rows.append((document_id, component, floor, floor + parts[component]))
            floor += parts[component]
    return pl.DataFrame(rows, schema=_STEPS, orient="row")
