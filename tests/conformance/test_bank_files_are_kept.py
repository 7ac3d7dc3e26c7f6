"""Every published bank file is taken whole or refused whole; its lines are those of its reference, and again bring nothing."""

from pathlib import Path

import pytest

from aldia.access.actors import Clock
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.payments import reconciliation, selectors
from aldia.payments import services as payments
from aldia.payments.models import BankLine, BankStatement
from tests.conformance.conftest import DATA
from tests.rooms.payments.conftest import Desk, make_desk

FILES = sorted(
    path
    for path in (DATA / "bank").rglob("*")
    if path.is_file() and path.name not in {"README.md", "SOURCES.csv", "reference.json"}
)
REFUSALS = (Refused, payments.BadStatement, payments.UnknownBankAccount)


def _take(desk: Desk, path: Path, clock: Clock) -> intake.BankResult | None:
    request = intake.BankRequest(account="OWN-1", currency="USD")
    try:
        return intake.take_bank_file(
            actor=desk.book.actor, path=path, name=path.name, request=request, clock=clock
        )
    except REFUSALS as refusal:
        assert str(refusal), path
        return None


@pytest.mark.parametrize("folder", ["cnab", "csv", "iso20022", "mt940", "n43", "ofx"])
def test_published_files_enter_once(db: None, folder: str) -> None:
    desk = make_desk(folder)
    clock, kept, refused = desk.on("2026-11-22"), 0, []
    for path in [path for path in FILES if path.parent.name == folder]:
        before = BankLine.objects.of(desk.organisation_id).count()
        first = _take(desk, path, clock)
        after = BankLine.objects.of(desk.organisation_id).count()
        if first is None:
            refused.append(path.name)
            assert after == before, f"{path.name} left something"
            continue
        again = _take(desk, path, clock)
        assert again is not None
        assert again.new == 0, path.name
        assert after - before == first.new, path.name
        kept += 1
    assert kept > len(refused), refused
    for total in reconciliation.totals(desk.book.actor):
        parts = (
            total.applied_minor,
            total.unidentified_minor,
            total.returned_minor,
            total.ignored_minor,
            total.waiting_minor,
        )
        assert sum(parts) == total.total_minor
    assert BankStatement.objects.of(desk.organisation_id).count() > 0
    assert selectors.verify(desk.organisation_id).ok
