"""Postings of two legs in sets: an amount goes from one book to another. One staged row each; the database writes head and legs."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from aldia.db.frames import reserve_ids, temporary_table
from aldia.ledger.models import BookAccount, Document, Posting
from aldia.ledger.services.journal import AlreadyPosted, UnknownAccount
from aldia.ledger.services.journal_frames import lock_frame, new_state

_LIKE = {
    "id": "id", "on": "on", "reference": "reference", "account_id": "id", "document_id": "reverses_id", "component": "source",
    "currency": "kind", "amount_minor": "id",
}  # fmt: skip
"""The columns of a posting that are as wide as each one staged."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What postings of a set have in common: their head, the book that is debited and the one that is credited."""

    portfolio_id: int
    kind: str
    source: str
    debit: str
    credit: str
    now: datetime


@transaction.atomic
def post_transfers(*, organisation_id: int, transfer: Transfer, rows: pl.DataFrame) -> pl.DataFrame:
    """Post many at once, balances moved; return (key, posting_id).

    `rows`: key (unique in the call), on, reference, account_id, document_id (of the receivable leg; null where there is none),
    component, currency, amount_minor (above zero). Raises AlreadyPosted, UnknownAccount.
    """
    if rows.is_empty():
        return pl.DataFrame(schema={"key": pl.Int64, "posting_id": pl.Int64})
    staged = rows.with_columns(pl.Series("id", reserve_ids(Posting, rows.height)))
    moves = BookAccount.RECEIVABLE in (transfer.debit, transfer.credit)
    if moves:
        lock_frame(organisation_id=organisation_id, account_ids=rows["account_id"])
    with temporary_table(Posting._meta.db_table, list(_LIKE.values()), staged.select(*_LIKE)) as table:
        if moves:
            _move_documents(organisation_id, transfer, table, rows["document_id"].n_unique())
        _write(organisation_id, transfer, table)
    return staged.select("key", posting_id="id")


def _write(organisation_id: int, transfer: Transfer, table: str) -> None:
    instant = "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
    heads = f"""
        INSERT INTO ledger_posting (id, organisation_id, portfolio_id, "on", recorded_at, kind, source, reference, reverses_id)
        SELECT id, %s, %s, "on", {instant}, %s, %s, reference, NULL FROM "{table}" ORDER BY id
    """
    side = f"""
        SELECT id AS posting_id, CAST(%s AS bigint), account_id, {{document}}, %s, component, currency, {{amount}}, "on", {instant}
        FROM "{table}"
    """
    sides = [
        side.format(
            document="document_id" if book == BookAccount.RECEIVABLE else "CAST(NULL AS bigint)",
            amount=amount,
        )
        for book, amount in ((transfer.debit, "amount_minor"), (transfer.credit, "-amount_minor"))
    ]
    legs = f"""
        INSERT INTO ledger_leg (posting_id, organisation_id, account_id, document_id, book, component, currency, amount_minor, "on",
            recorded_at)
        {" UNION ALL ".join(sides)} ORDER BY 1
    """
    now = transfer.now
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(
                    heads, [organisation_id, transfer.portfolio_id, now, transfer.kind, transfer.source]
                )
        except IntegrityError as error:
            raise AlreadyPosted(
                _("Uno de los asientos ya existe; cada referencia se usa una sola vez. %(detail)s")
                % {"detail": str(error).splitlines()[-1]}
            ) from error
        cursor.execute(legs, [organisation_id, transfer.debit, now, organisation_id, transfer.credit, now])


def _move_documents(organisation_id: int, transfer: Transfer, table: str, documents: int) -> None:
    sign = "" if transfer.debit == BookAccount.RECEIVABLE else "-"
    sql = f"""
        UPDATE "{Document._meta.db_table}" AS d SET balance_minor = d.balance_minor + s.total, state = {new_state("s.total")}
        FROM (SELECT document_id, account_id, currency, {sign}SUM(amount_minor) AS total FROM "{table}"
              GROUP BY document_id, account_id, currency) AS s
        WHERE d.id = s.document_id AND d.account_id = s.account_id AND d.currency = s.currency AND d.organisation_id = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [organisation_id])
        if cursor.rowcount != documents:
            raise UnknownAccount(
                _("%(missing)s documentos no son de su cuenta, moneda u organización.")
                % {"missing": documents - cursor.rowcount}
            )
