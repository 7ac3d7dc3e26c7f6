"""Whose debts these are: creditors, portfolios, and the account of a case in one."""

from typing import Any

import polars as pl
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.db.ahead import read_by
from aldia.db.frames import read_queryset
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.ledger.models import (
    Account,
    Creditor,
    Portfolio,
)


def creditors(actor: Actor) -> QuerySet[Creditor]:
    """Return the organisation's creditors, by name."""
    rows: QuerySet[Creditor] = Creditor.objects.of(actor.organisation_id)
    return rows


def creditor(actor: Actor, creditor_id: int) -> Creditor:
    """Return one creditor. Raises Creditor.DoesNotExist."""
    row: Creditor = Creditor.objects.of(actor.organisation_id).get(pk=creditor_id)
    return row


@remembered
def portfolios(actor: Actor) -> QuerySet[Portfolio]:
    """Return the portfolios that the actor sees with their creditors, by name; of a creditor, those of `owning.seen_by_owner`."""
    rows: QuerySet[Portfolio] = Portfolio.objects.of(actor.organisation_id).select_related("creditor")
    return rows.filter(pk__in=actor.portfolio_ids or ()) if actor.is_limited else rows


@remembered
def portfolio(actor: Actor, portfolio_id: int) -> Portfolio:
    """Return one portfolio with its creditor. Raises Portfolio.DoesNotExist."""
    found: Portfolio | None = next(iter(_portfolio(actor.organisation_id, portfolio_id)), None)
    if found is None or (actor.is_limited and not portfolios(actor).filter(pk=portfolio_id).exists()):
        raise Portfolio.DoesNotExist(portfolio_id)
    return found


@prepared
def _portfolio(organisation_id: int, portfolio_id: int) -> Any:
    return Portfolio.objects.of(organisation_id).filter(pk=portfolio_id).select_related("creditor")


@remembered
def account_of(actor: Actor, account_id: int) -> tuple[int, int, int]:
    """Return (portfolio_id, creditor_id, party_id) of an account. Raises LookupError when it is not the organisation's."""
    found = account(actor.organisation_id, account_id)
    return found.portfolio_id, found.creditor_id, found.party_id


@remembered
def account(organisation_id: int, account_id: int) -> Account:
    """Return an account with its portfolio, creditor and party. Raises LookupError when it is not the organisation's."""
    found: Account | None = next(iter(accounts_by_id(organisation_id, account_id)), None)
    if found is None:
        raise LookupError(_("No hay una cuenta %(id)s en esta organización.") % {"id": account_id})
    return found


@read_by(lambda account: account.pk)
def accounts_by_id(organisation_id: int, account_ids: list[int]) -> Any:
    """Return the accounts with portfolio, creditor and party; `ahead` reads many at once."""
    rows = Account.objects.of(organisation_id).filter(pk__in=account_ids)
    return rows.select_related("portfolio__creditor", "party")


def credit_limits(organisation_id: int) -> pl.DataFrame:
    """Return the accounts that somebody gave a limit of credit: (case_id, party_id, currency, credit_minor), in the portfolio's money."""
    rows = Account.objects.of(organisation_id).filter(credit_minor__gt=0).order_by("pk")
    schema = {
        "pk": pl.Int64,
        "party_id": pl.Int64,
        "portfolio__currency": pl.String,
        "credit_minor": pl.Int64,
    }
    return read_queryset(rows, schema).rename({"pk": "case_id", "portfolio__currency": "currency"})
