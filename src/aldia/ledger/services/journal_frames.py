"""The journal in sets: a million postings as two frames, balances moved by one statement."""

from datetime import date, datetime

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.db.frames import read_frame, reserve_ids, temporary_table, write_frame
from aldia.domain.balances import PRINCIPAL
from aldia.ledger.models import Account, BookAccount, Document, DocumentState, Leg, Posting, PostingKind
from aldia.ledger.services.journal import AlreadyPosted, UnbalancedPosting, UnknownAccount

_NAMED = 5  # how many culprits an error names
_HEAD = ["portfolio_id", "on", "kind", "source", "reference", "recorded_at", "reverses_id"]
_LEG = ["account_id", "document_id", "book", "component", "currency", "amount_minor"]


@transaction.atomic
def post_frame(*, organisation_id: int, postings: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """Post many at once; return (key, posting_id).

    `postings`: key (any integer, unique in the call), portfolio_id, on, kind, source, reference, recorded_at and
    optionally reverses_id. `legs`: key, account_id, document_id (null where none), book, currency, amount_minor and
    optionally component. All or nothing: raises UnbalancedPosting, AlreadyPosted, UnknownAccount.
    """
    drafts = legs.filter(pl.col("amount_minor") != 0)
    if "component" not in drafts.columns:
        drafts = drafts.with_columns(component=pl.lit(PRINCIPAL))
    if "reverses_id" not in postings.columns:
        postings = postings.with_columns(reverses_id=pl.lit(None, pl.Int64))
    if postings.is_empty():
        return pl.DataFrame(schema={"key": pl.Int64, "posting_id": pl.Int64})
    check_frame(postings, drafts)
    _move_documents(organisation_id, drafts)
    return write_journal(organisation_id, postings, drafts)


@transaction.atomic
def reverse_frame(*, actor: Actor, posting_ids: pl.Series, on: date | None, now: datetime) -> pl.DataFrame:
    """Reverse many postings, all dated `on`, or each on its own day when None; return (posting_id, reversal_id).

    Raises AlreadyPosted when one was reversed before.
    """
    wanted = pl.DataFrame({"id": posting_ids.cast(pl.Int64).unique()})
    heads, lines = _chosen(actor.organisation_id, wanted)
    day = pl.col("on") if on is None else pl.lit(on)
    postings = heads.select(
        "portfolio_id",
        key="id",
        on=day,
        kind=pl.lit(PostingKind.REVERSAL.value),
        source=pl.lit("ledger"),
        reference=pl.col("id").cast(pl.String),
        recorded_at=pl.lit(now),
        reverses_id="id",
    )
    legs = lines.with_columns(pl.col("amount_minor") * -1).rename({"posting_id": "key"})
    posted = post_frame(organisation_id=actor.organisation_id, postings=postings, legs=legs)
    return posted.select(posting_id="key", reversal_id="posting_id")


def _chosen(organisation_id: int, wanted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Heads and legs of the wanted postings that are the organisation's."""
    schema = {
        "posting_id": pl.Int64,
        "account_id": pl.Int64,
        "document_id": pl.Int64,
        "book": pl.String,
        "component": pl.String,
        "currency": pl.String,
        "amount_minor": pl.Int64,
    }
    with temporary_table(Posting._meta.db_table, ["id"], wanted) as staged:
        among = f'IN (SELECT id FROM "{staged}")'
        heads = read_frame(
            f'SELECT id, portfolio_id, "on" FROM ledger_posting WHERE organisation_id = %s AND id {among}',
            [organisation_id],
            {"id": pl.Int64, "portfolio_id": pl.Int64, "on": pl.Date},
        )
        lines = read_frame(
            f"SELECT {', '.join(schema)} FROM ledger_leg WHERE organisation_id = %s AND posting_id {among}",
            [organisation_id],
            schema,
        )
    return heads, lines


def lock_frame(*, organisation_id: int, account_ids: pl.Series) -> None:
    """Lock many accounts' rows until the transaction ends, in the order that `lock_accounts` takes them."""
    if connection.vendor != "postgresql" or account_ids.is_empty():
        return
    table = Account._meta.db_table
    wanted = pl.DataFrame({"id": account_ids.drop_nulls().unique().sort()})
    with temporary_table(table, ["id"], wanted) as staged, connection.cursor() as cursor:
        cursor.execute(
            f'SELECT count(*) FROM (SELECT a.id FROM "{table}" AS a WHERE a.organisation_id = %s'
            f' AND a.id IN (SELECT id FROM "{staged}") ORDER BY a.id FOR UPDATE) AS locked',
            [organisation_id],
        )


def check_frame(postings: pl.DataFrame, legs: pl.DataFrame) -> None:
    """Raise UnbalancedPosting naming the postings without legs, and those whose legs do not sum to zero."""
    empty = postings.join(legs, on="key", how="anti")
    stray = legs.join(postings, on="key", how="anti")
    if not empty.is_empty() or not stray.is_empty():
        raise UnbalancedPosting(
            _("Hay asientos sin líneas (%(empty)s) o líneas sin asiento (%(stray)s).")
            % {"empty": empty["key"].head(_NAMED).to_list(), "stray": stray["key"].head(_NAMED).to_list()}
        )
    sums = legs.group_by("key", "currency").agg(pl.col("amount_minor").sum())
    uneven = sums.filter(pl.col("amount_minor") != 0).join(postings, on="key").head(_NAMED)
    if not uneven.is_empty():
        found = [f"{row['kind']} {row['source']}/{row['reference']}: {row['currency']} {row['amount_minor']:+d}"
                 for row in uneven.to_dicts()]  # fmt: skip
        raise UnbalancedPosting("; ".join(found))


def write_journal(organisation_id: int, postings: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """Append heads and legs, balances untouched: the caller has moved them. Return (key, posting_id)."""
    heads = postings.select(
        "key", pl.Series("id", reserve_ids(Posting, postings.height)), *_HEAD,
        organisation_id=pl.lit(organisation_id, pl.Int64),
    )  # fmt: skip
    lines = (
        legs.join(heads.select("key", "on", "recorded_at", posting_id="id"), on="key", how="left", maintain_order="left")
        .select("posting_id", *_LEG, "on", "recorded_at", organisation_id=pl.lit(organisation_id, pl.Int64))
        .sort("posting_id", maintain_order=True)  # as their index is: it only grows at its end
    )  # fmt: skip
    try:
        with transaction.atomic():
            write_frame(Posting, heads.drop("key"))
    except IntegrityError as error:
        raise AlreadyPosted(
            _("Uno de los asientos ya existe; cada referencia se usa una sola vez. %(detail)s")
            % {"detail": str(error).splitlines()[-1]}
        ) from error
    write_frame(Leg, lines)
    return heads.select("key", posting_id="id")


def _move_documents(organisation_id: int, legs: pl.DataFrame) -> None:
    moves = (
        legs.filter((pl.col("book") == BookAccount.RECEIVABLE.value) & pl.col("document_id").is_not_null())
        .group_by("document_id", "account_id", "currency")
        .agg(pl.col("amount_minor").sum())
        .select("account_id", "currency", id="document_id", balance_minor="amount_minor")
        .sort("account_id", "id")
    )
    if moves.is_empty():
        return
    table = Document._meta.db_table
    lock_frame(organisation_id=organisation_id, account_ids=moves["account_id"])
    columns = ["id", "account_id", "currency", "balance_minor"]
    with temporary_table(table, columns, moves.select(columns)) as staged, connection.cursor() as cursor:
        cursor.execute(_move_sql(table, staged), [organisation_id])
        moved = cursor.rowcount
    if moved != moves.height:
        raise UnknownAccount(
            _("%(missing)s documentos no son de su cuenta, moneda u organización.")
            % {"missing": moves.height - moved}
        )


def _move_sql(table: str, staged: str) -> str:
    return f"""
        UPDATE "{table}" AS d SET
            balance_minor = d.balance_minor + s.balance_minor, state = {new_state("s.balance_minor")}
        FROM "{staged}" AS s
        WHERE d.id = s.id AND d.account_id = s.account_id AND d.currency = s.currency AND d.organisation_id = %s
    """


def new_state(change: str) -> str:
    """Return the SQL of a document's state (`d`) once its balance has moved by `change`."""
    return f"""CASE WHEN d.balance_minor + {change} <> 0 THEN '{DocumentState.OPEN.value}'
                         WHEN d.state = '{DocumentState.OPEN.value}' THEN '{DocumentState.SETTLED.value}'
                         ELSE d.state END"""
