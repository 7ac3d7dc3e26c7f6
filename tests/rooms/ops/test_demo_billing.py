"""The demonstration has electronic invoices to import."""

from datetime import UTC, date, datetime

import pytest

from aldia.access import services as access
from aldia.access.actors import Clock, system
from aldia.intake import services as intake
from aldia.intake.models import Load
from aldia.ledger import services as ledger
from aldia.ops.demo import billing
from aldia.ops.demo.houses import ANDINA

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_two_invoices_wait_and_enter_whole() -> None:
    organisation = access.create_organisation(
        key="andina", name=ANDINA.name, country="AR", currency="ARS", now=NOW
    )
    actor, clock = system(organisation.pk), Clock(date(2026, 11, 20), NOW)
    tax_id = ANDINA.creditor["tax_id"]
    creditor = ledger.ensure_creditor(actor=actor, key="propia", name=ANDINA.name, now=NOW, tax_id=tax_id)
    ledger.ensure_portfolio(actor=actor, creditor_id=creditor.pk, key="a", name="A", currency="ARS", now=NOW)
    billing.leave_invoices(actor, clock)
    load = Load.objects.of(organisation).get()
    assert (load.state, load.counts["new"], load.counts["rejected"]) == ("previewed", 2, 0)
    assert intake.merge(actor=actor, load_id=load.pk, clock=clock).totals == {
        "USD": {"documents": 2, "open_minor": 276_550}
    }
