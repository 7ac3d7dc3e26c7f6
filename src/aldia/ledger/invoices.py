"""What electronic documents ask of the ledger: notes that wait for what they name, and documents held in another portfolio."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from aldia.db.frames import read_frame, read_queryset, temporary_table
from aldia.ledger.models import Document, Portfolio


def waiting_notes(
    organisation_id: int, *, portfolio_id: int
) -> list[tuple[str, list[dict[str, Any]], int, str]]:
    """Return the credit notes of a portfolio that are not used up and name what they lower: reference, names, what is left of
    it (above zero), currency."""
    rows = Document.objects.of(organisation_id).filter(
        portfolio_id=portfolio_id, kind="credit_note", balance_minor__lt=0
    )
    told = (
        rows.exclude(state="CANCELLED")
        .order_by("id")
        .values_list("reference", "attributes", "balance_minor", "currency")
    )
    return [
        (reference, attributes["settles"], -balance, currency)
        for reference, attributes, balance, currency in told.iterator()
        if attributes.get("settles")
    ]


def replaced_identities(organisation_id: int, *, portfolio_id: int) -> set[str]:
    """Return the UUIDs that electronic documents of the portfolio, still standing, say they take the place of."""
    rows = Document.objects.of(organisation_id).filter(
        portfolio_id=portfolio_id, attributes__has_key="replaces"
    )
    told = rows.exclude(state="CANCELLED").values_list("attributes", flat=True)
    return {uuid for attributes in told for uuid in attributes["replaces"]}


def held_elsewhere(
    organisation_id: int, *, portfolio_id: int, creditor_id: int, references: Iterable[str]
) -> dict[str, str]:
    """Return which of the references are documents of the creditor's other portfolios, with the name of each portfolio."""
    asked = pl.DataFrame({"reference": sorted(set(references))}, schema={"reference": pl.String})
    others = Portfolio.objects.of(organisation_id).filter(creditor_id=creditor_id).exclude(pk=portfolio_id)
    if asked.is_empty() or not others.exists():
        return {}
    with temporary_table(Document._meta.db_table, ["reference"], asked) as staged:
        found = read_frame(
            f'SELECT d.reference, p.name FROM "{staged}" AS s JOIN ledger_document AS d ON d.reference = s.reference'
            " JOIN ledger_portfolio AS p ON p.id = d.portfolio_id"
            " WHERE p.organisation_id = %s AND p.creditor_id = %s AND p.id <> %s AND d.state <> 'CANCELLED'",
            [organisation_id, creditor_id, portfolio_id],
            {"reference": pl.String, "name": pl.String},
        )
    return dict(found.iter_rows())


def document_names(organisation_id: int, *, document_ids: Sequence[int]) -> pl.DataFrame:
    """Return how the source of each document and people call it: (document_id, origin, document_reference, number)."""
    rows = Document.objects.of(organisation_id).filter(pk__in=[*document_ids, 0])
    schema = {"id": pl.Int64, "source": pl.String, "reference": pl.String, "number": pl.String}
    names = {"id": "document_id", "source": "origin", "reference": "document_reference"}
    return read_queryset(rows, schema).rename(names)
