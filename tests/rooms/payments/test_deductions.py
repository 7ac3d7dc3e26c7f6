"""What the region really pays: withholdings settle the document, their certificates are owed, the bank's charge is a cost."""

from datetime import timedelta

import polars as pl
import pytest

from aldia.domain.withholdings import BY_KEY, kind_named, kinds_of
from aldia.ledger.models import Leg
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Alarm, Promise
from aldia.payments import certificates, services
from aldia.payments import selectors as reads
from tests.rooms.payments.conftest import TODAY, Desk


def _kept(kind: str, minor: int, certificate: str = "") -> services.DeductionDraft:
    return services.DeductionDraft(kind, minor, certificate, TODAY if certificate else None)


def test_a_withholding_settles_the_document_and_is_a_component_of_the_journal(desk: Desk) -> None:
    invoice = desk.book.charge(1_000_00)
    receipt = desk.pay(1_000_00, deductions=[_kept("ar_ganancias", 20_00), _kept("bank_charge", 3_50)])
    assert (desk.balances(invoice), receipt.unapplied_minor) == ([0], 0)
    legs = Leg.objects.of(desk.organisation_id).exclude(book__in=["receivable", "unapplied", "sales"])
    told = {(leg.book, leg.component): leg.amount_minor for leg in legs}
    assert told == {
        ("cash", "principal"): 976_50, ("withheld", "ar_ganancias"): 20_00, ("bank_cost", "bank_charge"): 3_50,
    }  # fmt: skip
    assert reads.verify(desk.organisation_id).ok


def test_what_was_withheld_keeps_a_promise_as_money_does(desk: Desk) -> None:
    desk.book.charge(1_000_00)
    outcomes.make_promise(
        actor=desk.book.actor,
        case_id=desk.account.pk,
        amount_minor=1_000_00,
        currency="USD",
        due_on=TODAY,
        clock=desk.clock,
    )
    desk.pay(1_000_00, deductions=[_kept("pe_detraccion", 120_00)])
    assert Promise.objects.of(desk.organisation_id).get().state == "kept"


def test_a_certificate_that_does_not_come_rings_on_its_day_until_it_is_recorded(desk: Desk) -> None:
    desk.book.charge(1_000_00)
    desk.pay(
        1_000_00,
        deductions=[_kept("ec_iva", 30_00), _kept("ec_renta", 10_00, "001-77"), _kept("bank_charge", 1_00)],
    )
    line = certificates.pending_certificates(desk.book.actor).rows[0]
    assert (line.amount_minor, line.due_on, certificates.pending_count(desk.book.actor)) == (
        30_00,
        TODAY + timedelta(5),
        1,
    )
    for days, alarms in ((5, 0), (6, 1), (7, 1)):
        clock = desk.on((TODAY + timedelta(days)).isoformat())
        services.remind_certificates(actor=desk.book.actor, clock=clock)
        assert Alarm.objects.of(desk.organisation_id).count() == alarms
    told = {"actor": desk.book.actor, "deduction_id": line.id, "on": TODAY, "clock": clock}
    with pytest.raises(services.BadDeduction, match="número"):
        services.record_certificate(certificate=" ", **told)
    services.record_certificate(certificate="001-78", **told)
    assert Alarm.objects.of(desk.organisation_id).get().state == "resolved"
    assert certificates.pending_count(desk.book.actor) == 0
    with pytest.raises(services.UnknownDeduction):
        services.record_certificate(certificate="001-79", **told)


def test_a_reversed_receipt_takes_its_withholdings_back(desk: Desk) -> None:
    invoice = desk.book.charge(1_000_00)
    receipt = desk.pay(1_000_00, deductions=[_kept("mx_isr", 100_00)])
    services.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="rebotó", on=TODAY, clock=desk.clock
    )
    assert desk.balances(invoice) == [1_000_00]
    assert (
        sum(
            Leg.objects.of(desk.organisation_id)
            .filter(book="withheld")
            .values_list("amount_minor", flat=True)
        )
        == 0
    )
    assert certificates.pending_count(desk.book.actor) == 0
    assert reads.verify(desk.organisation_id).ok


@pytest.mark.parametrize(
    ("kinds", "options", "text"),
    [
        ([("de_otro_lado", 1)], {}, "No conocemos"),
        ([("ar_iva", 0)], {}, "mayor que cero"),
        ([("ar_iva", 60_00), ("ar_iibb", 50_00)], {}, "más que lo que se paga"),
        ([("ar_iva", 1)], {"case_id": None}, "identifica de quién"),
    ],
)
def test_a_deduction_that_cannot_be_is_refused_and_nothing_is_posted(
    desk: Desk, kinds: list[tuple[str, int]], options: dict[str, object], text: str
) -> None:
    with pytest.raises(services.BadDeduction, match=text):
        desk.pay(100_00, deductions=[_kept(*kind) for kind in kinds], **options)
    assert not Leg.objects.of(desk.organisation_id).filter(book="cash").exists()


def test_a_country_has_its_own_kinds_and_those_of_all() -> None:
    assert {kind.key for kind in kinds_of("PE")} == {"pe_retencion", "pe_detraccion", "other", "bank_charge"}
    assert set(kinds_of("")) == set(BY_KEY.values())
    assert all(len(key) <= 20 for key in BY_KEY)


def test_many_receipts_bring_what_was_withheld_of_each(desk: Desk) -> None:
    invoice = desk.book.charge(1_000_00)
    rows = pl.DataFrame(
        {
            "account_id": [desk.account.pk, desk.account.pk, None], "amount_minor": [600_00, 400_00, 5_00],
            "reference": ["A", "B", "C"], "withheld_minor": [12_00, 4_00, 1_00],
            "withheld_kind": ["co_retefuente", "co_reteica", "other"], "certificate": ["77", None, None],
        }
    ).with_columns(currency=pl.lit("USD"), on=pl.lit(TODAY))  # fmt: skip
    for _twice in range(2):
        services.register_frame(
            actor=desk.book.actor,
            told=services.ReceiptSet(portfolio_id=desk.book.portfolio.pk, receipts=rows, source="bank"),
            clock=desk.clock,
        )
    assert desk.balances(invoice) == [0]
    legs = (
        Leg.objects.of(desk.organisation_id).filter(book="withheld").values_list("component", "amount_minor")
    )
    assert sorted(legs) == [("co_retefuente", 12_00), ("co_reteica", 4_00)]
    assert [line.amount_minor for line in certificates.pending_certificates(desk.book.actor).rows] == [4_00]
    assert reads.verify(desk.organisation_id).ok


@pytest.mark.parametrize(
    ("text", "country", "key"),
    [("Ret. Ganancias", "AR", "ar_ganancias"), ("IVA", "MX", "mx_iva"), ("ReteICA", "CO", "co_reteica"),
     ("Detracción 12%", "PE", "pe_detraccion"), ("ec_renta", "EC", "ec_renta"), ("cualquiera", "AR", "other"), ("", "", "other")],
)  # fmt: skip
def test_a_file_names_a_kind_in_its_own_words(text: str, country: str, key: str) -> None:
    assert kind_named(text, country) == key
