"""Exchange rates: what somebody says that a currency was worth on a day. Appended, never changed."""

from decimal import Decimal

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import read_queryset
from aldia.domain.money import EXPONENTS
from aldia.ledger.models import ExchangeRate


class BadRate(ValueError):
    """A rate that cannot be: an unknown currency, a currency against itself, or not above zero. Says which."""


@transaction.atomic
def record_rates(*, actor: Actor, rates: pl.DataFrame, source: str, clock: Clock) -> int:
    """Keep rates (currency, quote, on, rate as exact decimal text) and return how many are new.

    One unit of `currency` was worth `rate` of `quote` on that day. What a source said of a day stays; another source may
    say otherwise, and the latest said counts. Raises BadRate, NotAllowed.
    """
    actor.check(Permission.LOAD_FILES)
    known = ExchangeRate.objects.of(actor.organisation_id).filter(source=source)
    schema = {"currency": pl.String, "quote": pl.String, "on": pl.Date}
    fresh = rates.unique(list(schema), keep="first", maintain_order=True).join(
        read_queryset(known, schema), on=list(schema), how="anti"
    )
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            organisation_id=actor.organisation_id, source=source, **row | {"rate": _checked(row["currency"], row["quote"], row["rate"])}
        )
        for row in fresh.select(*schema, "rate").iter_rows(named=True)
    )  # fmt: skip
    if fresh.height:
        audit.record(
            actor=actor, verb="ledger.rates.record", object_type="organisation", object_id=actor.organisation_id,
            now=clock.now, data={"rates": fresh.height, "source": source},
        )  # fmt: skip
    return fresh.height


def _checked(currency: str, quote: str, rate: str) -> Decimal:
    for code in (currency, quote):
        if code not in EXPONENTS:
            raise BadRate(_("«%(code)s» no es una moneda ISO.") % {"code": code})
    found = Decimal(rate)
    if currency == quote or found <= 0:
        raise BadRate(
            _("1 %(currency)s no puede valer %(rate)s %(quote)s.")
            % {"currency": currency, "rate": rate, "quote": quote}
        )
    return found
