"""What a set of receipts says, checked before anything is written."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.payments.facts import known_receipts
from aldia.payments.services.receipts import BadReceipt

_REQUIRED = ["account_id", "amount_minor", "currency", "on", "reference"]
_OPTIONAL: dict[str, Any] = {
    "document_id": pl.lit(None, pl.Int64), "means": pl.lit(""), "payer": pl.lit(""), "text": pl.lit(""),
    "withheld_minor": pl.lit(0), "withheld_kind": pl.lit("other"), "certificate": pl.lit(""),
}  # fmt: skip


class UnknownColumn(Exception):
    """Raised when the frame lacks columns that receipts need; names them."""


class DuplicateReference(Exception):
    """Raised when two receipts of one frame have the same reference; names some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSet:
    """Receipts of one portfolio and where they come from; a reference is used once for ever within its `source`.

    Columns of `receipts`: account_id (null: unidentified), amount_minor, currency, on, reference; optionally document_id
    (covered first), means, payer, text; withheld_minor (of the amount), withheld_kind, certificate. `named` (reference,
    document_id, amount_minor) says how much each gives to several documents, instead of document_id.
    """

    portfolio_id: int
    receipts: pl.DataFrame
    source: str
    load_id: int | None = None
    named: pl.DataFrame | None = None


def new_rows(actor: Actor, told: ReceiptSet) -> pl.DataFrame:
    """Return the rows not registered before, complete and checked, in the order in which their money arrived.

    Raises UnknownColumn, DuplicateReference, BadReceipt.
    """
    receipts = told.receipts
    if missing := sorted(set(_REQUIRED) - set(receipts.columns)):
        raise UnknownColumn(_("Faltan columnas: %(names)s.") % {"names": ", ".join(missing)})
    twice = receipts.filter(pl.col("reference").is_duplicated())["reference"].unique().sort().head(5)
    if not twice.is_empty():
        raise DuplicateReference(_("Referencias repetidas: %(names)s.") % {"names": ", ".join(twice)})
    bad = receipts.filter((pl.col("amount_minor") <= 0) | pl.col("amount_minor").is_null()).head(5)
    if not bad.is_empty():
        raise BadReceipt(
            _("El importe de un cobro es mayor que cero; revisa: %(names)s.")
            % {"names": ", ".join(bad["reference"])}
        )
    known = known_receipts(
        actor.organisation_id,
        portfolio_id=told.portfolio_id,
        source=told.source,
        references=receipts["reference"],
    )
    absent = {name: value for name, value in _OPTIONAL.items() if name not in receipts.columns}
    rows = receipts.join(known, on="reference", how="anti").with_columns(**absent)
    texts = [
        pl.col(name).fill_null("").str.slice(0, size)
        for name, size in (("means", 20), ("payer", 200), ("text", 300))
    ]
    # Of nobody's money nothing is withheld yet: it is cash until it has its client.
    withheld = (
        pl.when(pl.col("account_id").is_null()).then(0).otherwise(pl.col("withheld_minor").fill_null(0))
    )
    deducted = [
        pl.min_horizontal(withheld.cast(pl.Int64), "amount_minor")
        .clip(lower_bound=0)
        .alias("withheld_minor"),
        pl.col("withheld_kind").fill_null("other"),
        pl.col("certificate").fill_null("").str.slice(0, 60),
    ]
    return rows.with_columns(
        pl.col("account_id").cast(pl.Int64), pl.col("document_id").cast(pl.Int64), *texts, *deducted
    ).sort("on", "reference")
