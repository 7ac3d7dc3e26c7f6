"""What is open of a document by component: principal, interest, charges. A document without instalments has one, its principal."""

from collections.abc import Sequence

from django.db.models import Sum

from aldia.domain.allocation import netted
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
