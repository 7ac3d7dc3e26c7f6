"""Published electronic documents end to end: what the reference calls collectable is what is owed, once, and the books prove it."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aldia.access import services as access
from aldia.access.actors import Clock, system
from aldia.domain.money import to_major
from aldia.intake import services
from aldia.intake.einvoices.bundle import bundled
from aldia.intake.readers.records.reader import READER
from aldia.intake.requests import LoadRequest, LoadResult
from aldia.ledger.models import Document, DocumentFile
from aldia.payments import selectors as payments

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CLOCK = Clock(date(2026, 11, 20), NOW)
COUNTRIES = {
    "br_nfe": "BR", "cl_dte": "CL", "co_ubl": "CO", "es_facturae": "ES", "eu_cii": "DE", "eu_ubl": "DE", "mx_cfdi": "MX",
    "pe_ubl": "PE",
}  # fmt: skip
OWED = {"invoice", "receipt", "debit_note"}
BROKEN = {"total_mismatch"}  # sums that do not add up: told, never posted


def _by_issuer(folder: Path) -> dict[str, list[tuple[Path, dict[str, Any]]]]:
    """The documents of a folder by who issued them, each as the reader, itself equal to the reference, gives it."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".xml"]
    found: dict[str, list[tuple[Path, dict[str, Any]]]] = defaultdict(list)
    for path, answer in zip(paths, READER.read_many(paths), strict=True):
        for document in answer["documents"]:
            bad = any(each["code"] in BROKEN for each in answer["problems"])
            found[document["issuer_id"] or ""].append((path, {**document, "bad": bad}))
    found.pop("", None)
    return found


def _expected(documents: list[dict[str, Any]]) -> dict[str, Decimal]:
    """What is owed by currency: the payable of every identified document on credit, once. One without stamp is the same as one
    with it under the same number."""
    seen: set[object] = set()
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in documents:
        named = (each.get("series"), each["number"]) if each["number"] else None
        mine = [each["uuid"] or (each["type_code"], named), (bool(each["uuid"]), named)]
        known = mine[0] in seen or (not each["uuid"], named) in seen or not (each["uuid"] or each["number"])
        if each["type"] not in OWED | {"credit_note"} or each["payable"] is None or each["bad"] or known:
            continue
        amount = Decimal(each["payable"])
        if amount:
            seen.update(mine if named else mine[:1])
            lowers = each["type"] == "credit_note" or amount < 0
            sums[each["currency"]] += -abs(amount) if lowers else amount
    return dict(sums)


@pytest.mark.django_db
@pytest.mark.covers("S3-30")
@pytest.mark.parametrize("country", list(COUNTRIES))
def test_a_folder_of_documents_is_owed_as_its_reference_says(
    shared_data: Path, tmp_path: Path, country: str
) -> None:
    organisation = access.create_organisation(
        key="uno", name="Uno", country=COUNTRIES[country], currency="EUR", now=NOW
    )
    actor = system(organisation.pk)
    for place, (issuer, found) in enumerate(_by_issuer(shared_data / "einvoice" / country).items()):
        path = bundled(list(dict.fromkeys(path for path, _document in found)), tmp_path / f"{place}.zip")
        asked = LoadRequest(
            creditor=f"E{place}", portfolio=f"E{place}", creditor_tax_id=issuer, country=COUNTRIES[country], payment_days=30
        )  # fmt: skip

        def load(*, is_dry_run: bool = False, path: Path = path, asked: LoadRequest = asked) -> LoadResult:
            return services.load(actor=actor, path=path, request=asked, clock=CLOCK, is_dry_run=is_dry_run)

        dry = load(is_dry_run=True) if not place else None
        done = load()
        assert dry is None or {**done.as_data(), "load": None} == dry.as_data()
        owed = {currency: to_major(total["open_minor"], currency) for currency, total in done.totals.items()}
        assert owed == _expected([document for _path, document in found])
        again = load()
        assert (again.new, again.changed) == (0, 0) and again.rejected <= done.rejected
    rows = Document.objects.of(organisation)
    assert rows.exists()
    assert DocumentFile.objects.of(organisation).values("document").distinct().count() == rows.count()
    report = payments.verify(organisation.pk)
    assert report.ok, report.differences
