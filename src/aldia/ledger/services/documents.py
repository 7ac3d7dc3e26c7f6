"""Documents: they enter with their charge, in sets; what people call them may change, what they cost only by posting."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
from django.db import connection, transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.db.frames import read_frame, reserve_ids, temporary_table, update_from_frame, write_frame
from aldia.domain.instruments import InstrumentKind, InstrumentState
from aldia.ledger.models import BookAccount, Document, DocumentState, Instrument, PostingKind
from aldia.ledger.services.journal_frames import check_frame, write_journal

_REQUIRED = [
    "account_id", "source", "reference", "number", "kind", "issued_on", "due_on", "currency", "original_minor",
]  # fmt: skip
_CHANGEABLE = frozenset(
    [
        "reference",  # only an undo frees one
        "number",
        "kind",
        "issued_on",
        "due_on",
        "original_minor",
        "state",
        "is_disputed",
        "prescribes_on",
        "attributes",
        "load_id",
    ]
)


class UnknownColumn(Exception):
    """Raised when a frame has columns that documents do not have, or lacks those they need; names them."""


class UnknownDocument(Exception):
    """Raised when a document is not of the organisation."""


@transaction.atomic
def add_documents(
    *,
    organisation_id: int,
    portfolio_id: int,
    documents: pl.DataFrame,
    declared_on: date,
    posting_source: str,
    now: datetime,
) -> pl.DataFrame:
    """Insert new documents with their charge in the journal; return `documents` with `document_id`, in the same order.

    Columns: account_id, source, reference, number, kind, issued_on, due_on, currency, original_minor; optionally
    open_minor (what is still owed on `declared_on`: the difference is posted as an adjustment of that day, or of the
    issue date when that is later), prescribes_on, attributes (JSON text), is_disputed, load_id. The charge is dated
    `issued_on`. Postings carry `posting_source` (load:12) and the document's reference.
    Raises UnknownColumn, UnbalancedPosting, AlreadyPosted, and IntegrityError for a reference that is known.
    """
    if missing := sorted(set(_REQUIRED) - set(documents.columns)):
        raise UnknownColumn(_("Faltan columnas: %(names)s.") % {"names": ", ".join(missing)})
    if documents.is_empty():
        return documents.with_columns(document_id=pl.lit(None, pl.Int64))
    rows = _complete(documents).with_columns(document_id=reserve_ids(Document, documents.height))
    write_frame(Document, _document_rows(rows, organisation_id, portfolio_id, now))
    write_frame(Instrument, _paper_rows(rows, organisation_id))
    postings, legs = _charges(rows, portfolio_id, declared_on, posting_source, now)
    check_frame(postings, legs)
    write_journal(organisation_id, postings, legs)
    return documents.with_columns(rows["document_id"])


@transaction.atomic
def change_documents(*, organisation_id: int, changes: pl.DataFrame, columns: Sequence[str]) -> int:
    """Set columns of documents (frame: document_id and the columns); return how many. Balances move only by posting.

    What becomes a paper is in the house from then on; the row of what is none any more goes, unless somebody moved it.
    Raises UnknownColumn, UnknownDocument.
    """
    if unknown := sorted(set(columns) - _CHANGEABLE):
        raise UnknownColumn(_("Estas columnas no se cambian así: %(names)s.") % {"names": ", ".join(unknown)})
    own = changes.rename({"document_id": "id"})
    strangers = own.height - _count_own(organisation_id, own.select("id"))
    if strangers:
        raise UnknownDocument(_("%(count)s documentos no son de esta organización.") % {"count": strangers})
    changed = update_from_frame(Document, own, key="id", columns=columns)
    if "kind" in columns:
        _keep_papers(organisation_id, own)
    return changed


@transaction.atomic
def mark_disputed(*, actor: Actor, document_ids: Sequence[int], is_disputed: bool, now: datetime) -> int:
    """Mark documents as disputed or no longer so; return how many changed."""
    rows = (
        Document.objects.of(actor.organisation_id)
        .filter(pk__in=document_ids)
        .exclude(is_disputed=is_disputed)
    )
    changed = int(rows.update(is_disputed=is_disputed))
    if changed:
        audit.record(
            actor=actor, verb="ledger.document.dispute" if is_disputed else "ledger.document.undispute",
            object_type="document", object_id=document_ids[0], now=now, data={"documents": list(document_ids)},
        )  # fmt: skip
    return changed


def _count_own(organisation_id: int, ids: pl.DataFrame) -> int:
    table = Document._meta.db_table
    with temporary_table(table, ["id"], ids) as staged, connection.cursor() as cursor:
        cursor.execute(
            f'SELECT COUNT(*) FROM "{staged}" AS s JOIN "{table}" AS d ON d.id = s.id WHERE d.organisation_id = %s',
            [organisation_id],
        )
        return int(cursor.fetchone()[0])


def _complete(documents: pl.DataFrame) -> pl.DataFrame:
    """Every optional column, with what holds where nothing was said."""
    defaults = {
        "open_minor": pl.col("original_minor"),
        "prescribes_on": pl.lit(None, pl.Date),
        "attributes": pl.lit("{}"),
        "is_disputed": pl.lit(False),
        "load_id": pl.lit(None, pl.Int64),
    }
    absent = {name: value for name, value in defaults.items() if name not in documents.columns}
    return documents.with_columns(**absent).with_columns(
        pl.col("open_minor").fill_null(pl.col("original_minor")), pl.col("attributes").fill_null("{}"),
        pl.col("is_disputed").fill_null(False),
    )  # fmt: skip


def _document_rows(
    rows: pl.DataFrame, organisation_id: int, portfolio_id: int, now: datetime
) -> pl.DataFrame:
    settled = pl.lit(DocumentState.SETTLED.value)
    return rows.select(
        *_REQUIRED, "prescribes_on", "attributes", "is_disputed", "load_id", id="document_id", balance_minor="open_minor",
        state=pl.when(pl.col("open_minor") == 0).then(settled).otherwise(pl.lit(DocumentState.OPEN.value)),
        organisation_id=pl.lit(organisation_id, pl.Int64), portfolio_id=pl.lit(portfolio_id, pl.Int64),
        created_at=pl.lit(now),
    )  # fmt: skip


def _paper_rows(rows: pl.DataFrame, organisation_id: int) -> pl.DataFrame:
    """The papers among them, in the house from the day they were issued and covering no other debt."""
    papers = rows.filter(pl.col("kind").is_in([kind.value for kind in InstrumentKind]))
    return papers.select(
        "document_id", organisation_id=pl.lit(organisation_id, pl.Int64), state=pl.lit(InstrumentState.HELD.value),
        moved_on="issued_on", details=pl.lit("{}"), covered=pl.lit("[]"),
    )  # fmt: skip


def _keep_papers(organisation_id: int, changed: pl.DataFrame) -> None:
    """Papers have their row and nothing else has one, after documents changed their kind."""
    table, kinds = Document._meta.db_table, [kind.value for kind in InstrumentKind]
    marks = ", ".join(["%s"] * len(kinds))
    with temporary_table(table, ["id"], changed.select("id")) as staged:
        found = read_frame(
            f'SELECT d.id AS document_id, d.kind AS kind, d.issued_on AS issued_on, i.id AS paper_id FROM "{staged}" AS s'
            f' JOIN "{table}" AS d ON d.id = s.id LEFT JOIN "{Instrument._meta.db_table}" AS i ON i.document_id = d.id'
            f" WHERE (d.kind IN ({marks})) = (i.id IS NULL)",
            kinds,
            {"document_id": pl.Int64, "kind": pl.String, "issued_on": pl.Date, "paper_id": pl.Int64},
        )
    is_fresh = pl.col("paper_id").is_null()
    write_frame(Instrument, _paper_rows(found.filter(is_fresh), organisation_id))
    left = found.filter(~is_fresh)["paper_id"].to_list()
    idle = Instrument.objects.of(organisation_id).filter(
        state=InstrumentState.HELD, details={}, covered=[], covering_id=None, receipt_id=None
    )
    for start in range(0, len(left), _AT_ONCE):
        idle.filter(pk__in=left[start : start + _AT_ONCE]).delete()


_AT_ONCE = 500  # rows named in one question


def _charges(
    rows: pl.DataFrame, portfolio_id: int, declared_on: date, posting_source: str, now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Charges of what documents cost, and adjustments to what is still owed of them."""
    charged = rows.with_columns(
        key=pl.int_range(pl.len(), dtype=pl.Int64), moved=pl.col("original_minor"), on=pl.col("issued_on"),
        posting=pl.lit(PostingKind.CHARGE.value), other=pl.lit(BookAccount.SALES.value),
    ).filter(pl.col("moved") != 0)  # fmt: skip
    adjusted = rows.with_columns(
        key=pl.int_range(pl.len(), dtype=pl.Int64) + rows.height, moved=pl.col("open_minor") - pl.col("original_minor"),
        on=pl.max_horizontal(pl.col("issued_on"), pl.lit(declared_on)),
        posting=pl.lit(PostingKind.ADJUSTMENT.value), other=pl.lit(BookAccount.OPENING.value),
    ).filter(pl.col("moved") != 0)  # fmt: skip
    every = pl.concat([charged, adjusted])
    postings = every.select(
        "key", "on", "reference", portfolio_id=pl.lit(portfolio_id, pl.Int64), kind="posting",
        source=pl.lit(posting_source), recorded_at=pl.lit(now),
        reverses_id=pl.lit(None, pl.Int64),
    )  # fmt: skip
    common = ["key", "account_id", "currency"]
    debit = every.select(
        *common, "document_id", book=pl.lit(BookAccount.RECEIVABLE.value), amount_minor="moved"
    )
    credit = every.select(
        *common, document_id=pl.lit(None, pl.Int64), book="other", amount_minor=-pl.col("moved")
    ).select(debit.columns)
    return postings, pl.concat([debit, credit]).with_columns(component=pl.lit("principal"))
