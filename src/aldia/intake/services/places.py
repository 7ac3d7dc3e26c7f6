"""Where a load goes: its creditor, portfolio and source, found by name or made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.intake.models import Source
from aldia.intake.readers.refusals import Refused
from aldia.intake.requests import LoadRequest
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.payments import facts as payments

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.ledger.models import Portfolio

DEFAULT_PORTFOLIO = "general"


class FullRefreshRefused(Refused):
    """A full refresh that is older than the last, or over a portfolio whose receipts are registered here."""


class UnknownPortfolio(LookupError):
    """Whoever reaches only some portfolios makes none, and sees no other."""


@dataclass(frozen=True)
class Places:
    """Where a load goes. Nothing of it exists yet in a dry run over something new: then `portfolio` is None."""

    organisation: Organisation
    portfolio: Portfolio | None
    source: Source | None

    @property
    def currency(self) -> str:
        """Return the portfolio's currency; nothing when the portfolio is new: the file or the option says it."""
        return self.portfolio.currency if self.portfolio else ""

    @property
    def country(self) -> str:
        """Return the country whose formats and documents are expected."""
        return (self.portfolio.country if self.portfolio else "") or self.organisation.country


def places_of(*, actor: Actor, request: LoadRequest) -> Places:
    """Return what exists already of where the request goes."""
    portfolio = ledger.portfolios(actor).filter(key=key_of(request.portfolio)).first()
    source = Source.objects.of(actor.organisation_id).filter(key=key_of(request.portfolio)).first()
    return Places(access.organisation_of(actor), portfolio, source)


def make_places(*, actor: Actor, request: LoadRequest, currency: str, clock: Clock) -> Places:
    """Return where the request goes, making creditor, portfolio and source when they are new."""
    found = places_of(actor=actor, request=request)
    portfolio = found.portfolio
    if portfolio is None and actor.is_limited:
        raise UnknownPortfolio(_("Esa cartera no existe, o este token no la alcanza."))
    if portfolio is None:
        name = request.creditor or found.organisation.name
        creditor = ledger_services.ensure_creditor(
            actor=actor, key=key_of(name), name=name, now=clock.now, country=request.country or found.country,
            tax_id=request.creditor_tax_id,
        )  # fmt: skip
        portfolio = ledger_services.ensure_portfolio(
            actor=actor,
            creditor_id=creditor.pk,
            key=key_of(request.portfolio),
            name=request.portfolio or _("Cartera general"),
            currency=currency,
            now=clock.now,
            country=request.country or found.country,
            debt_kind=request.debt_kind,
            debtor_kind=request.debtor_kind,
            strategy_key=request.strategy,
            language=found.organisation.language,
            authority="EXTERNAL" if request.is_full_refresh else "ALDIA",
        )
    elif request.strategy and portfolio.strategy_key != request.strategy:
        portfolio = ledger_services.change_portfolio(
            actor=actor, portfolio_id=portfolio.pk, now=clock.now, strategy_key=request.strategy
        )
    if request.creditor_tax_id and not portfolio.creditor.tax_id:
        ledger_services.change_creditor(
            actor=actor, creditor_id=portfolio.creditor_id, now=clock.now, tax_id=request.creditor_tax_id
        )
    source = found.source or Source.objects.create(
        organisation_id=actor.organisation_id,
        key=portfolio.key,
        name=portfolio.name,
        portfolio=portfolio,
        kind="receipts" if request.kind == "receipts" else "documents",
    )
    return Places(found.organisation, portfolio, source)


def check_full_refresh(actor: Actor, request: LoadRequest, places: Places, as_of: date) -> None:
    """Raise FullRefreshRefused when the request may not replace what is known."""
    if not request.is_full_refresh or places.portfolio is None:
        return
    if places.source and places.source.last_full_on and as_of < places.source.last_full_on:
        raise FullRefreshRefused(
            "refresh_older",
            found=_("Una actualización completa al %(as_of)s.") % {"as_of": as_of},
            expected=_("Una del %(last)s o posterior: esa ya se importó.")
            % {"last": places.source.last_full_on},
            hint=_("Importa el archivo más nuevo, o este sin --full-refresh."),
            field="as_of",
        )
    if places.portfolio.authority == "ALDIA" and payments.has_receipts(
        actor.organisation_id, places.portfolio.pk
    ):
        raise FullRefreshRefused(
            "refresh_over_own_receipts",
            found=_("La cartera «%(name)s» lleva sus cobros en aldia.") % {"name": places.portfolio.name},
            expected=_("Una cartera cuyo saldo declara un sistema externo."),
            hint=_("Importa sin --full-refresh, o a otra cartera con --portfolio."),
            field="portfolio",
        )


def key_of(name: str) -> str:
    """Return the stable key of a name that a person gave."""
    return slugify(name)[:60] or DEFAULT_PORTFOLIO
