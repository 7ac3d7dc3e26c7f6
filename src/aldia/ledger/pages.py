"""Documents as a list in pages, for whoever asks by filters."""

from collections.abc import Mapping
from typing import Any

from aldia.access.actors import Actor
from aldia.db.pages import Page, paged
from aldia.ledger.models import Document
from aldia.ledger.selectors import portfolios


def document_page(
    actor: Actor, filters: Mapping[str, Any], cursor: str | None, *, limit: int
) -> Page[Document]:
    """Return a page of the documents of the portfolios that the actor sees, the last to enter first. Filters, None does not narrow:
    portfolio (a key), case_id, number, state, due_from, due_to (exclusive). Raises BadCursor of `db.pages`."""
    rows = Document.objects.of(actor.organisation_id).select_related("portfolio")
    if actor.is_limited:
        rows = rows.filter(portfolio__in=list(portfolios(actor).values_list("pk", flat=True)))
    told = {_DOCUMENT_FILTERS[name]: value for name, value in filters.items() if value is not None}
    return paged(
        rows.filter(**told), by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row
    )


_DOCUMENT_FILTERS = {
    "portfolio": "portfolio__key", "case_id": "account_id", "number": "number", "state": "state", "due_from": "due_on__gte",
    "due_to": "due_on__lt",
}  # fmt: skip
