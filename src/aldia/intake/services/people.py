"""The people of a file: who they are, how to reach them and what they agreed to. The same for documents and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.intake.mapping.fields import CONSENTS
from aldia.parties import services as parties

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock

GENERAL: Final = (
    "email",
    "whatsapp",
    "sms",
    "call",
    "letter",
    "visit",
)  # what a yes without a channel is about


def know_people(
    *, actor: Actor, source: str, good: pl.DataFrame, country: str, kind: str | None, clock: Clock
) -> parties.Upserted:
    """Return who the customers of the checked rows are (`customer_id` filled), with their contact points known."""
    verified = pl.col("is_tax_id_valid").fill_null(False)
    tax_kind = (
        pl.col("tax_id_kind").str.split(".").list.last().str.to_uppercase()
    )  # `ar.cuit` is what people call CUIT
    return parties.upsert_frame(
        organisation_id=actor.organisation_id,
        source=source,
        frame=good.select(
            "customer_id", "tax_id", "language", "email", "phone_e164", "phone_is_mobile", "address", "region",
            name="customer_name",
            tax_id_kind=pl.when(verified).then(tax_kind),
            kind=pl.lit(kind, pl.String),
            country=pl.col("country").fill_null(country or None),
        ),
        now=clock.now,
    )  # fmt: skip


def told_by(load_id: int) -> str:
    """Return how a load is named where it was the source of what is known."""
    return f"{load_id} "


def wishes_in(good: pl.DataFrame) -> list[str]:
    """Return the columns that `record_wishes` reads."""
    return ["row", "customer_id", *(name for name in CONSENTS if name in good.columns)]


def record_wishes(
    *,
    actor: Actor,
    creditor_id: int | None,
    good: pl.DataFrame,
    people: pl.DataFrame,
    source: str,
    clock: Clock,
) -> int:
    """Keep the consents and refusals of the rows, with where each was read; return how many were new.

    `source` says the load and its source. Who is not to be contacted has agreed to nothing; without a creditor only refusals
    are kept, since a consent is given to somebody.
    """
    if not set(CONSENTS) & set(good.columns):
        return 0
    absent = {name: pl.lit(None, pl.Boolean) for name in CONSENTS if name not in good.columns}
    rows = good.join(people, on="customer_id").with_columns(
        evidence=pl.format("{}{} fila {}", pl.lit(parties.FROM_FILE), pl.lit(source), "row"), **absent
    )
    is_out = pl.col("no_contact").fill_null(value=False)
    out = rows.filter(is_out).select(
        "party_id", "evidence", channel=pl.lit("all"), is_granted=pl.lit(value=False)
    )
    told = [
        rows.filter(~is_out.any().over("party_id")).select(
            "party_id", "evidence", channel=pl.lit(channel),
            is_granted=pl.coalesce(f"consent_{channel}", "consent") if f"consent_{channel}" in CONSENTS else pl.col("consent"),
        )
        for channel in GENERAL
    ]  # fmt: skip
    words = pl.concat([out, *told]).filter(pl.col("is_granted").is_not_null())
    if creditor_id is None:
        words = words.filter(~pl.col("is_granted"))
    # Of several rows that disagree about one person, the no holds.
    words = words.sort("is_granted", descending=True, maintain_order=True)
    return parties.record_consents(actor=actor, creditor_id=creditor_id, words=words, now=clock.now)
