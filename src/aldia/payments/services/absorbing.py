"""External portfolios: receipts registered here are provisional until the other system's own balance explains them.

For a document with balance `J` in our journal, of which `P` was taken by provisional receipts, and a declared
balance `B`: the other system saw `J + P - B` go. Up to `P` of that is our receipts arriving there (absorbed: nothing is
posted); the rest is an adjustment. What it has not seen yet stays provisional and the debt stays paid here.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.db.frames import read_frame, write_frame
from aldia.ledger import facts as ledger_facts
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.payments.models import Absorption, Receipt, ReceiptState


class NotExternal(Exception):
    """Raised when balances are declared over a portfolio whose authority is aldia."""


@transaction.atomic
def absorb_frame(
    *, actor: Actor, portfolio_id: int, declared: pl.DataFrame, load_id: int, now: datetime
) -> pl.DataFrame:
    """Settle provisional receipts against declared balances (document_id, declared_minor).

    Return (document_id, absorbed_minor, adjustment_minor): what the load must still post for the document so that its
    balance is right, receipts never counted twice. Raises NotExternal, NotAllowed.
    """
    actor.check(Permission.LOAD_FILES)
    portfolio = ledger_selectors.portfolio(actor, portfolio_id)
    if portfolio.authority != "EXTERNAL":
        raise NotExternal(
            _("La cartera %(name)s se lleva en aldia: nadie más declara sus saldos.")
            % {"name": portfolio.name}
        )
    held = ledger_facts.known_documents(actor.organisation_id, portfolio_id=portfolio_id)
    touched = held.join(declared, on="document_id", how="semi")["account_id"]
    ledger.lock_frame(organisation_id=actor.organisation_id, account_ids=touched)
    held = ledger_facts.known_documents(
        actor.organisation_id, portfolio_id=portfolio_id
    )  # as it stays from here on
    pending = _pending(actor, portfolio_id)
    sums = pending.group_by("document_id").agg(provisional=pl.col("pending").sum())
    result = (
        declared.join(
            held.select("document_id", "balance_minor"), on="document_id", how="inner", maintain_order="left"
        )
        .join(sums, on="document_id", how="left", maintain_order="left")
        .with_columns(pl.col("provisional").fill_null(0))
        .with_columns(fall=pl.col("balance_minor") + pl.col("provisional") - pl.col("declared_minor"))
        .with_columns(absorbed_minor=pl.min_horizontal("fall", "provisional").clip(lower_bound=0))
        .with_columns(adjustment_minor=pl.col("absorbed_minor") - pl.col("fall"))
    )
    _write(actor, pending, result.filter(pl.col("absorbed_minor") > 0), load_id, now)
    return result.select("document_id", "absorbed_minor", "adjustment_minor")


@transaction.atomic
def absorb(*, actor: Actor, account_id: int, document_ids: Sequence[int], load_id: int, now: datetime) -> int:
    """Absorb all that provisional receipts took of these documents of one account, which the refresh explains in full.

    Return the amount (minor units): what the refresh must not post again. See `absorb_frame` for declared balances.
    """
    actor.check(Permission.LOAD_FILES)
    portfolio_id, _creditor, _party = ledger_selectors.account_of(actor, account_id)
    pending = _pending(actor, portfolio_id)
    explained = (pl.col("account_id") == account_id) & pl.col("document_id").is_in(list(document_ids))
    sums = pending.filter(explained).group_by("document_id").agg(absorbed_minor=pl.col("pending").sum())
    _write(actor, pending, sums, load_id, now)
    return int(sums["absorbed_minor"].sum())


@transaction.atomic
def give_back(*, actor: Actor, load_id: int, now: datetime) -> int:
    """Undo what a load absorbed: its receipts are provisional again. Return how many receipts."""
    actor.check(Permission.LOAD_FILES)
    rows = Absorption.objects.of(actor.organisation_id).filter(load_id=load_id)
    schema = {"receipt_id": pl.Int64, "document_id": pl.Int64, "amount_minor": pl.Int64}
    taken = pl.DataFrame(list(rows.values_list(*schema)), schema=schema, orient="row")
    net = taken.group_by("receipt_id", "document_id").agg(pl.col("amount_minor").sum())
    net = net.filter(pl.col("amount_minor") != 0).with_columns(-pl.col("amount_minor"))
    if net.is_empty():
        return 0
    _append(actor, net, load_id, now)
    receipts = net["receipt_id"].unique().to_list()
    Receipt.objects.of(actor.organisation_id).filter(pk__in=receipts, state=ReceiptState.ABSORBED).update(
        state=ReceiptState.PROVISIONAL
    )
    audit.record(
        actor=actor, verb="payments.absorption.undo", object_type="load", object_id=load_id, now=now,
        data={"receipts": len(receipts)},
    )  # fmt: skip
    return len(receipts)


def _pending(actor: Actor, portfolio_id: int) -> pl.DataFrame:
    """Return what provisional receipts took and nobody explained yet: (receipt_id, account_id, document_id, pending)."""
    sql = """
        SELECT r.id, r.account_id, x.document_id, CAST(SUM(x.amount_minor) AS bigint)
        FROM payments_receipt AS r
        JOIN (SELECT receipt_id, document_id, COALESCE(units_minor, amount_minor) AS amount_minor
              FROM payments_allocation WHERE organisation_id = %s
              UNION ALL
              SELECT receipt_id, document_id, -amount_minor FROM payments_absorption WHERE organisation_id = %s) AS x
          ON x.receipt_id = r.id
        WHERE r.organisation_id = %s AND r.portfolio_id = %s AND r.state = 'PROVISIONAL'
        GROUP BY r.id, r.account_id, x.document_id HAVING SUM(x.amount_minor) > 0 ORDER BY r.id, x.document_id
    """
    schema = {"receipt_id": pl.Int64, "account_id": pl.Int64, "document_id": pl.Int64, "pending": pl.Int64}
    return read_frame(sql, [actor.organisation_id] * 3 + [portfolio_id], schema)


def _write(actor: Actor, pending: pl.DataFrame, absorbed: pl.DataFrame, load_id: int, now: datetime) -> None:
    """Spread what each document's refresh explains over its receipts, the oldest first; close the ones fully explained."""
    shares = (
        pending.join(
            absorbed.select("document_id", "absorbed_minor"),
            on="document_id",
            how="inner",
            maintain_order="left",
        )
        .with_columns(before=pl.col("pending").cum_sum().over("document_id") - pl.col("pending"))
        .with_columns(
            amount_minor=pl.min_horizontal("pending", pl.col("absorbed_minor") - pl.col("before")).clip(
                lower_bound=0
            )
        )
        .filter(pl.col("amount_minor") > 0)
    )
    if shares.is_empty():
        return
    _append(actor, shares.select("receipt_id", "document_id", "amount_minor"), load_id, now)
    given = shares.group_by("receipt_id").agg(given=pl.col("amount_minor").sum())
    whole = (
        pending.group_by("receipt_id").agg(left=pl.col("pending").sum())
        .join(given, on="receipt_id", how="inner").filter(pl.col("left") == pl.col("given"))
    )  # fmt: skip
    touched = Receipt.objects.of(actor.organisation_id).filter(
        pk__in=whole["receipt_id"].to_list(), unapplied_minor=0
    )
    touched.update(state=ReceiptState.ABSORBED)
    audit.record(
        actor=actor, verb="payments.receipts.absorb", object_type="load", object_id=load_id, now=now,
        data={"receipts": given.height, "absorbed": whole.height},
    )  # fmt: skip


def _append(actor: Actor, rows: pl.DataFrame, load_id: int, now: datetime) -> None:
    write_frame(
        Absorption,
        rows.with_columns(
            organisation_id=pl.lit(actor.organisation_id, pl.Int64),
            load_id=pl.lit(load_id, pl.Int64),
            recorded_at=pl.lit(now),
        ),
    )
