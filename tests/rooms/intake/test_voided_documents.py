"""Debts that the Peruvian tax office is told to void, named by their series and number alone."""

from pathlib import Path

import pytest

from aldia.access import services as access
from aldia.access.actors import system
from tests.rooms.intake.invoices import ubl
from tests.rooms.intake.test_einvoice_loads import EUROPE, NOW, Desk, codes


@pytest.fixture
def lima(db: None, tmp_path: Path) -> Desk:
    organisation = access.create_organisation(key="lima", name="Lima", country="PE", currency="PEN", now=NOW)
    return Desk(system(organisation.pk), tmp_path)


def voided(number: str, issuer: str) -> str:
    space = "urn:sunat:names:specification:ubl:peru:schema:xsd:VoidedDocuments-1"
    return (
        f"<VoidedDocuments xmlns='{space}'><AccountingSupplierParty><CustomerAssignedAccountID>{issuer}</CustomerAssignedAccountID>"
        "</AccountingSupplierParty><VoidedDocumentsLine><DocumentTypeCode>380</DocumentTypeCode><DocumentSerialID>F</DocumentSerialID>"
        f"<DocumentNumberID>{number}</DocumentNumberID></VoidedDocumentsLine></VoidedDocuments>"
    )


def test_a_number_is_voided_by_its_own_issuer_only(lima: Desk) -> None:
    lima.load(ubl("F-1", "80.00", due="2026-02-01"), **EUROPE)
    other = lima.load(voided("1", "20480072872"), **EUROPE)
    assert (other.changed, codes(other)) == (0, ["other_issuer"])
    lima.load(ubl("F-00000002", "9.00", due="2026-02-01"), **EUROPE)
    assert lima.load(voided("00000001", "B58378431"), **EUROPE).changed == 1
    assert lima.load(voided("2", "B58378431"), **EUROPE).changed == 1
    assert lima.balances() == {}
