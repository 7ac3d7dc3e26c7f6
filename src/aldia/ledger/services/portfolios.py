"""Creditors and portfolios: made once by key, changed field by field."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.ageing import Buckets
from aldia.domain.allocation import OrderKind
from aldia.domain.money import currency_code
from aldia.ledger.models import Creditor, Portfolio

_CREDITOR_FIELDS = frozenset(
    {
        "name",
        "legal_name",
        "tax_id",
        "country",
        "email",
        "phone",
        "address",
        "payment_instructions",
        "has_verification",
    }
)
_PORTFOLIO_FIELDS = frozenset(
    {
        "name", "country", "currency", "debt_kind", "debtor_kind", "actor_kind", "authority", "allocation",
        "strategy_key", "language", "treatment", "owner_id", "settings",
    }
)  # fmt: skip


class UnknownDetail(Exception):
    """Raised when a creditor or portfolio is given a field that it does not have; names the ones it has."""


@transaction.atomic
def ensure_creditor(*, actor: Actor, key: str, name: str, now: datetime, **details: Any) -> Creditor:
    """Return the creditor of that key, made with `details` when it is new. Raises UnknownDetail, NotAllowed."""
    _check_details(details, _CREDITOR_FIELDS)
    found: Creditor | None = Creditor.objects.of(actor.organisation_id).filter(key=key).first()
    if found is not None:
        return found
    actor.check(Permission.LOAD_FILES)
    creditor = Creditor(organisation_id=actor.organisation_id, key=key, name=name, **details)
    creditor.full_clean(exclude=["organisation"])
    creditor.save()
    audit.record(
        actor=actor,
        verb="ledger.creditor.create",
        object_type="creditor",
        object_id=creditor.pk,
        now=now,
        data={"key": key},
    )
    return creditor


@transaction.atomic
def ensure_portfolio(
    *, actor: Actor, creditor_id: int, key: str, name: str, currency: str, now: datetime, **details: Any
) -> Portfolio:
    """Return the portfolio of that key, made with `details` when it is new.

    Raises UnknownDetail, NotAllowed, Creditor.DoesNotExist, and UnknownCurrency of `domain.money`.
    """
    _check_details(details, _PORTFOLIO_FIELDS)
    found: Portfolio | None = Portfolio.objects.of(actor.organisation_id).filter(key=key).first()
    if found is not None:
        return found
    actor.check(Permission.LOAD_FILES)
    creditor = Creditor.objects.of(actor.organisation_id).get(pk=creditor_id)
    portfolio = Portfolio(
        organisation_id=actor.organisation_id,
        creditor=creditor,
        key=key,
        name=name,
        currency=currency_code(currency),
        **details,
    )
    _check_portfolio(portfolio)
    portfolio.save()
    audit.record(
        actor=actor,
        verb="ledger.portfolio.create",
        object_type="portfolio",
        object_id=portfolio.pk,
        now=now,
        data={"key": key},
    )
    return portfolio


@transaction.atomic
def change_creditor(*, actor: Actor, creditor_id: int, now: datetime, **changes: Any) -> Creditor:
    """Return the creditor with the given fields changed. Raises UnknownDetail, NotAllowed, ValidationError."""
    actor.check(Permission.EDIT_SETTINGS)
    _check_details(changes, _CREDITOR_FIELDS)
    creditor: Creditor = Creditor.objects.of(actor.organisation_id).select_for_update().get(pk=creditor_id)
    _set(creditor, changes)
    creditor.full_clean(exclude=["organisation"])
    creditor.save()
    audit.record(
        actor=actor, verb="ledger.creditor.change", object_type="creditor", object_id=creditor.pk, now=now,
        data={"fields": sorted(changes)},
    )  # fmt: skip
    return creditor


@transaction.atomic
def change_portfolio(*, actor: Actor, portfolio_id: int, now: datetime, **changes: Any) -> Portfolio:
    """Return the portfolio with the given fields changed; keys of `settings` are merged into the ones it has.

    Raises UnknownDetail, NotAllowed, ValidationError, and BadBuckets of `domain.ageing`.
    """
    actor.check(Permission.EDIT_SETTINGS)
    _check_details(changes, _PORTFOLIO_FIELDS)
    portfolio: Portfolio = (
        Portfolio.objects.of(actor.organisation_id).select_for_update().get(pk=portfolio_id)
    )
    if "settings" in changes:
        changes["settings"] = {**portfolio.settings, **changes["settings"]}
    _set(portfolio, changes)
    _check_portfolio(portfolio)
    portfolio.save()
    audit.record(
        actor=actor, verb="ledger.portfolio.change", object_type="portfolio", object_id=portfolio.pk, now=now,
        data={"fields": sorted(changes)},
    )  # fmt: skip
    return portfolio


def _check_details(details: dict[str, Any], known: frozenset[str]) -> None:
    if unknown := _unknown(details, known):
        raise UnknownDetail(
            _("No se conoce %(found)s; se esperaba uno de: %(expected)s.")
            % {"found": ", ".join(unknown), "expected": ", ".join(sorted(known))}
        )


def _unknown(names: Iterable[str], known: frozenset[str]) -> list[str]:
    return sorted(set(names) - known)


def _check_portfolio(portfolio: Portfolio) -> None:
    """Bad buckets, currencies or allocation orders are refused here, not met at night."""
    portfolio.currency = currency_code(portfolio.currency)
    portfolio.full_clean(exclude=["organisation", "creditor"])
    if edges := portfolio.settings.get("buckets"):
        Buckets.from_edges(*edges)
    kinds = [kind.value for kind in OrderKind if kind is not OrderKind.EXPLICIT]
    if (found := portfolio.allocation.get("kind", OrderKind.OLDEST_FIRST)) not in kinds:
        raise UnknownDetail(
            _("El orden de imputación %(found)s no existe; se esperaba uno de: %(expected)s.")
            % {"found": found, "expected": ", ".join(kinds)}
        )


def _set(row: models.Model, changes: dict[str, Any]) -> None:
    for field, value in changes.items():
        setattr(row, field, value)
