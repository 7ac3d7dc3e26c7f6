"""Accounts: what one paying party owes in one portfolio, made in sets, as files bring them; and the most that one may owe."""

from datetime import date

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.db.frames import read_queryset, reserve_ids, write_frame
from aldia.db.locks import named_lock
from aldia.ledger.models import Account, Portfolio

_SCHEMA = {"party_id": pl.Int64, "id": pl.Int64}


@transaction.atomic
def open_accounts(
    *, organisation_id: int, portfolio_id: int, party_ids: pl.Series, opened_on: date
) -> pl.DataFrame:
    """Return (party_id, account_id), one row per distinct party, opening the accounts that are missing.

    Raises Portfolio.DoesNotExist when the portfolio is of another organisation.
    """
    portfolio = Portfolio.objects.of(organisation_id).get(pk=portfolio_id)
    wanted = pl.DataFrame({"party_id": party_ids.cast(pl.Int64).unique().sort()})
    with named_lock("ledger.accounts", portfolio_id):
        known = read_queryset(Account.objects.of(organisation_id).filter(portfolio_id=portfolio_id), _SCHEMA)
        missing = wanted.join(known, on="party_id", how="anti")
        if not missing.is_empty():
            ids = reserve_ids(Account, missing.height)
            made = missing.with_columns(
                pl.Series("id", ids),
                organisation_id=pl.lit(organisation_id, pl.Int64),
                creditor_id=pl.lit(portfolio.creditor_id, pl.Int64),
                portfolio_id=pl.lit(portfolio_id, pl.Int64),
                opened_on=pl.lit(opened_on),
            )
            write_frame(Account, made)
            known = pl.concat([known, made.select("party_id", "id")])
    return wanted.join(known, on="party_id", how="left", maintain_order="left").rename({"id": "account_id"})


def limit_credit(*, actor: Actor, account_id: int, credit_minor: int) -> None:
    """Keep the most that an account may owe, in its portfolio's money; 0 is no limit. Raises ValueError below it."""
    if credit_minor < 0:
        raise ValueError(_("Un límite de crédito no es negativo."))
    Account.objects.of(actor.organisation_id).filter(pk=account_id).update(credit_minor=credit_minor)
