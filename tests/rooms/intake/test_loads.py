"""A load: what it says in a dry run is what it does; the same file changes nothing; an undo leaves no trace in balances."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.cases.models import Case
from aldia.intake import selectors, services
from aldia.intake.mapping.mapping import MappingNeeded
from aldia.intake.models import Load
from aldia.intake.requests import LoadRequest, LoadResult
from aldia.intake.services import FullRefreshRefused, UnableToUndo
from aldia.ledger.models import Document
from aldia.parties.models import ContactPoint
from aldia.payments import selectors as payments
from aldia.payments import services as paying
from aldia.payments.models import Receipt

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
HEAD = "cliente,nombre,factura,emision,vencimiento,importe,saldo\n"
ROWS = (
    "C1,Ferretería El Árbol,F-1,2026-01-15,2026-02-14,1000.00,1000.00\n"
    "C1,Ferretería El Árbol,F-2,2026-02-01,2026-03-03,500.50,200.50\n"
    "C2,Óptica Sur,F-3,2026-02-20,2026-03-22,99.99,99.99\n"
)


@dataclass
class Desk:
    """Where files are loaded."""

    actor: Actor
    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(TODAY, NOW))

    def file(self, text: str, name: str = "abiertas.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def load(
        self, text: str, *, is_dry_run: bool = False, clock: Clock | None = None, **asked: object
    ) -> LoadResult:
        request = LoadRequest(**{"currency": "ARS", "country": "AR", "debt_kind": "commercial", **asked})  # type: ignore[arg-type]
        return services.load(
            actor=self.actor,
            path=self.file(text),
            request=request,
            clock=clock or self.clock,
            is_dry_run=is_dry_run,
        )

    def balances(self) -> dict[str, int]:
        rows = Document.objects.of(self.actor.organisation_id).exclude(state="CANCELLED")
        return dict(rows.values_list("number", "balance_minor"))

    def check_books(self) -> None:
        report = payments.verify(self.actor.organisation_id)
        assert report.ok, report.differences


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Desk:
    organisation = access.create_organisation(key="sur", name="Sur", country="AR", currency="ARS", now=NOW)
    return Desk(system(organisation.pk), tmp_path)


@pytest.mark.covers("S3-30")
def test_a_dry_run_says_what_the_load_then_does_and_stores_nothing(desk: Desk) -> None:
    dry = desk.load(HEAD + ROWS + "C3,Mala,F-4,ayer,2026-03-01,1.00,1.00\n", is_dry_run=True)
    assert desk.balances() == {} and Load.objects.of(desk.actor.organisation_id).count() == 0
    done = desk.load(HEAD + ROWS + "C3,Mala,F-4,ayer,2026-03-01,1.00,1.00\n")
    assert (done.rows, done.new, done.changed, done.same, done.rejected) == (4, 3, 0, 0, 1)
    assert {**done.as_data(), "load": None} == dry.as_data()
    assert desk.balances() == {"F-1": 100_000, "F-2": 20_050, "F-3": 9_999}
    assert done.totals == {"ARS": {"documents": 3, "open_minor": 130_049}}
    problem = next(problem for problem in done.problems if problem["severity"] == "error")
    assert (problem["row"], problem["field"], problem["found"]) == (5, "issued_on", "ayer")
    desk.check_books()


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    again = desk.load(HEAD + ROWS)
    assert (again.new, again.changed, again.same) == (0, 0, 3)
    assert desk.balances() == {"F-1": 100_000, "F-2": 20_050, "F-3": 9_999}
    desk.check_books()


def test_a_changed_amount_moves_the_balance_by_the_difference(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    done = desk.load(HEAD + ROWS.replace("99.99,99.99", "119.99,119.99"))
    assert (done.new, done.changed, done.same) == (0, 1, 2)
    assert desk.balances()["F-3"] == 11_999
    desk.check_books()


def test_strict_takes_no_row_when_one_is_bad(desk: Desk) -> None:
    refused = desk.load(HEAD + ROWS + "C3,Mala,F-4,ayer,2026-03-01,1.00,1.00\n", is_strict=True)
    assert refused.is_refused and refused.rejected == 4 and desk.balances() == {}


def test_a_settlement_date_becomes_a_receipt_effective_on_its_day(desk: Desk) -> None:
    text = (
        "cliente,factura,emision,vencimiento,importe,fecha de cancelacion\n"
        "C1,F-1,2026-01-15,2026-02-14,1000.00,2026-03-20\nC1,F-2,2026-01-15,2026-02-14,50.00,\n"
    )
    done = desk.load(text)
    assert (done.new, done.receipts) == (2, 1)
    [receipt] = Receipt.objects.of(desk.actor.organisation_id)
    assert (receipt.on, receipt.amount_minor, receipt.unapplied_minor) == (date(2026, 3, 20), 100_000, 0)
    assert desk.load(text).receipts == 0 and Receipt.objects.of(desk.actor.organisation_id).count() == 1
    case = Case.objects.of(desk.actor.organisation_id).get()
    assert case.overdue_minor == 105_000  # on the tenth, the money of the twentieth has not come
    desk.check_books()


def test_a_full_refresh_closes_what_is_gone_and_an_older_one_is_refused(desk: Desk) -> None:
    desk.load(HEAD + ROWS, is_full_refresh=True)
    later = Clock(date(2026, 3, 12), NOW)
    done = desk.load(
        HEAD + ROWS.replace("200.50\n", "150.50\n").rsplit("C2", 1)[0], is_full_refresh=True, clock=later
    )
    assert (done.changed, done.same, done.settled) == (1, 1, 1)
    assert desk.balances() == {"F-1": 100_000, "F-2": 15_050, "F-3": 0}
    assert Document.objects.of(desk.actor.organisation_id).get(number="F-3").state == "SETTLED_OUTSIDE"
    with pytest.raises(FullRefreshRefused):
        desk.load(HEAD + ROWS, is_full_refresh=True)
    desk.check_books()


def test_a_balance_that_nothing_here_moved_follows_the_file(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    lower = HEAD + ROWS.replace("200.50\n", "150.50\n")
    assert desk.load(lower).changed == 1
    assert desk.balances() == {"F-1": 100_000, "F-2": 15_050, "F-3": 9_999}
    assert (desk.load(lower).changed, desk.load(lower).same) == (0, 3)
    document = Document.objects.of(desk.actor.organisation_id).get(number="F-2")
    _pay(desk, document, 50_50)
    assert desk.load(HEAD + ROWS).same == 3  # its money is kept here from now on
    assert desk.balances()["F-2"] == 10_000
    desk.check_books()


def test_a_file_without_balances_moves_none(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    without = "".join(f"{line.rsplit(',', 1)[0]}\n" for line in (HEAD + ROWS).splitlines())
    assert desk.load(without).same == 3 and desk.balances()["F-2"] == 20_050


def test_more_paid_without_a_date_lowers_the_balance_again(desk: Desk) -> None:
    paid = "cliente,factura,emision,vencimiento,importe,pagado\nC1,F-1,2026-01-15,2026-02-14,100.00,{}\n"
    for told, left in (("20.00", 8_000), ("50.00", 5_000)):
        desk.load(paid.format(told))
        assert desk.balances() == {"F-1": left}
    desk.check_books()


def test_a_row_that_was_rejected_does_not_make_its_document_gone(desk: Desk) -> None:
    desk.load(HEAD + ROWS, is_full_refresh=True)
    broken = HEAD + ROWS.replace("2026-03-22", "2026-03-99")
    assert desk.load(broken, is_full_refresh=True).settled == 0
    nameless = (
        HEAD + ROWS.replace("F-3", "").rsplit("C1", 1)[0] + "C2,Óptica Sur,,2026-02-20,2026-03-22,1.00,1.00\n"
    )
    dry = desk.load(nameless, is_full_refresh=True, is_dry_run=True)
    done = desk.load(nameless, is_full_refresh=True)
    assert done.settled == 0 and {**done.as_data(), "load": None} == dry.as_data()
    assert [(each["row"], each["code"]) for each in done.problems] == [(3, "missing"), (3, "refresh_held")]
    assert desk.balances() == {"F-1": 100_000, "F-2": 20_050, "F-3": 9_999}


def test_what_was_paid_of_a_document_grows_with_each_file(desk: Desk) -> None:
    head = "cliente,factura,vencimiento,importe,fecha de pago,importe pagado\n"
    first = head + "C1,S-1,2026-02-14,100.00,2026-02-20,60.00\n"
    second = head + "C1,S-1,2026-02-14,100.00,2026-03-05,100.00\n"
    assert [desk.load(text).receipts for text in (first, first)] == [1, 0]
    dry = desk.load(second, is_dry_run=True)
    assert [
        dry.receipts,
        desk.load(second).receipts,
        desk.load(second).receipts,
        desk.load(first).receipts,
    ] == [1, 1, 0, 0]
    assert desk.balances() == {"S-1": 0}
    longest = head + f"C1,{'S' * 60},2026-02-14,100.00,2026-02-20,"
    assert [desk.load(f"{longest}{paid}.00\n").receipts for paid in (20, 50, 90, 90)] == [1, 1, 1, 0]
    assert desk.balances()["S" * 60] == 10_00
    paid = Receipt.objects.of(desk.actor.organisation_id).values_list("amount_minor", flat=True)
    assert sorted(paid) == [2_000, 3_000, 4_000, 4_000, 6_000]
    desk.check_books()


def test_a_mapping_that_was_given_once_is_remembered_for_titles_that_say_nothing(desk: Desk) -> None:
    text = "quien,papel,cuando,cuanto\nC1,F-1,2026-02-14,10.00\n"
    told = {"customer_id": "quien", "document_number": "papel", "due_on": "cuando", "amount": "cuanto"}
    assert desk.load(text, mapping=told).new == 1
    assert desk.load(text).same == 1
    with pytest.raises(MappingNeeded):
        desk.load(text, portfolio="Otra")


def test_a_full_refresh_of_a_portfolio_without_receipts_brings_balances_too(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    done = desk.load(HEAD + ROWS.replace("200.50\n", "150.50\n").rsplit("C2", 1)[0], is_full_refresh=True)
    assert (done.changed, done.same, done.settled) == (1, 1, 1)
    assert desk.balances() == {"F-1": 100_000, "F-2": 15_050, "F-3": 0}
    desk.check_books()


def _pay(desk: Desk, document: Document, minor: int) -> None:
    draft = paying.ReceiptDraft(
        portfolio_id=document.portfolio_id, case_id=document.account_id, amount_minor=minor, currency=document.currency,
        on=desk.clock.as_of, means="cash", source="desk", reference="R1", document_ids=[document.pk],
    )  # fmt: skip
    paying.register_receipt(actor=desk.actor, draft=draft, clock=desk.clock)


def test_an_undo_gives_every_balance_back_and_the_file_may_load_again(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    second = desk.load(
        HEAD + ROWS.replace("99.99,99.99", "119.99,119.99") + "C4,Nueva,F-9,2026-03-01,2026-03-31,7.00,7.00\n"
    )
    services.undo(actor=desk.actor, load_id=second.load_id or 0, clock=desk.clock)
    assert desk.balances() == {"F-1": 100_000, "F-2": 20_050, "F-3": 9_999}
    desk.check_books()
    again = desk.load(HEAD + ROWS + "C4,Nueva,F-9,2026-03-01,2026-03-31,7.00,7.00\n")
    assert (again.new, again.same) == (1, 3)
    desk.check_books()


def test_only_the_last_load_of_a_source_can_be_undone(desk: Desk) -> None:
    first = desk.load(HEAD + ROWS)
    desk.load(HEAD + ROWS + "C4,Nueva,F-9,2026-03-01,2026-03-31,7.00,7.00\n")
    with pytest.raises(UnableToUndo):
        services.undo(actor=desk.actor, load_id=first.load_id or 0, clock=desk.clock)


def test_a_preview_shows_and_its_merge_does_the_same(desk: Desk) -> None:
    path = desk.file(HEAD + ROWS + "C3,Mala,F-4,ayer,2026-03-01,1.00,1.00\n")
    request = LoadRequest(currency="ARS", country="AR", debt_kind="commercial")
    shown = services.preview(actor=desk.actor, path=path, request=request, clock=desk.clock)
    assert (
        desk.balances() == {} and shown.counts["new"] == 3 and shown.counts["moved_minor"] == {"ARS": 130_049}
    )
    assert selectors.problems_by_repair(desk.actor, shown.pk)[0]["found"] == "ayer"
    assert "ayer" in selectors.rejected_csv(desk.actor, shown.pk)
    merged = services.merge(actor=desk.actor, load_id=shown.pk, clock=desk.clock)
    assert merged.counts == shown.counts and len(desk.balances()) == 3
    with pytest.raises(Load.DoesNotExist):
        services.merge(actor=desk.actor, load_id=shown.pk, clock=desk.clock)


def test_receipts_of_a_file_cover_what_they_name_and_the_rest_waits(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    text = "fecha,importe,cliente,factura,referencia\n2026-03-05,300.00,C1,F-2,T-1\n2026-03-06,40.00,,,T-2\n"
    done = desk.load(text, kind="receipts")
    assert done.receipts == 2
    assert desk.balances()["F-2"] == 0 and desk.balances()["F-1"] == 90_050
    again = desk.load(text, kind="receipts")
    assert (again.rows, again.receipts, again.same) == (2, 0, 2)
    assert Receipt.objects.of(desk.actor.organisation_id).count() == 2
    assert Receipt.objects.of(desk.actor.organisation_id).get(reference="T-2").account_id is None
    desk.check_books()


def test_receipts_of_a_file_bring_what_the_client_withheld(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    text = (
        "fecha,importe,cliente,factura,referencia,retencion,tipo de retencion,certificado\n"
        "2026-03-05,290.00,C1,F-2,T-1,10.00,Ganancias,0001-7\n"
    )
    assert desk.load(text, kind="receipts").receipts == 1
    receipt = Receipt.objects.of(desk.actor.organisation_id).get(reference="T-1")
    kept = receipt.deductions.get()
    assert (receipt.amount_minor, kept.amount_minor, kept.kind, kept.certificate) == (
        300_00,
        10_00,
        "ar_ganancias",
        "0001-7",
    )
    assert desk.balances()["F-2"] == 0
    desk.check_books()


def test_contacts_reach_the_customers_of_the_portfolio(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    path = desk.file(
        "cliente,nombre,correo,telefono,idioma\nC1,Ferretería El Árbol,pagos@arbol.example,,es\n",
        "contactos.csv",
    )
    people = services.load_contacts(
        actor=desk.actor, path=path, request=LoadRequest(country="AR"), clock=desk.clock
    )
    assert people.rejected == 0 and people.new == 0
    assert ContactPoint.objects.of(desk.actor.organisation_id).get().value == "pagos@arbol.example"


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (
            "C1,Ferretería El Árbol,F-1,2026-01-15,2026-02-14,1000.00,700.00,USD\n",
            "currency",
            "held_currency",
        ),
        ("C2,Óptica Sur,F-1,2026-01-15,2026-02-14,80.00,80.00,ARS\n", "customer_id", "held_customer"),
    ],
)
def test_a_number_that_comes_back_as_another_debt_is_refused_and_moves_nothing(
    desk: Desk, row: str, field: str, code: str
) -> None:
    desk.load(HEAD + ROWS)
    before = desk.balances()
    head = HEAD.replace("\n", ",moneda\n")
    again = desk.load(head + row)
    assert [(each["row"], each["field"], each["code"]) for each in again.problems] == [(2, field, code)]
    assert (again.rejected, again.changed, again.same) == (1, 0, 0)
    assert desk.balances() == before


PAYS = "recibo,fecha,cliente,factura,importe\n"


def test_a_receipt_with_a_row_for_each_of_its_invoices_is_one_and_pays_each_what_its_row_says(
    desk: Desk,
) -> None:
    desk.load(HEAD + ROWS)
    text = PAYS + "R-1,2026-03-05,C1,F-2,150.50\nR-2,2026-03-06,C2,F-3,99.99\nR-1,2026-03-05,C1,F-1,400.00\n"
    done = desk.load(text, kind="receipts")
    assert (done.rows, done.receipts, done.rejected) == (3, 2, 0)
    assert desk.balances() == {"F-1": 60000, "F-2": 5000, "F-3": 0}
    rows = Receipt.objects.of(desk.actor.organisation_id).order_by("on")
    assert list(rows.values_list("amount_minor", "unapplied_minor")) == [(55050, 0), (9999, 0)]
    again = desk.load(text, kind="receipts")
    assert (again.receipts, again.same) == (0, 3)
    assert desk.balances() == {"F-1": 60000, "F-2": 5000, "F-3": 0}


def test_a_receipt_of_several_rows_leaves_what_no_document_takes_unapplied(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    text = PAYS + "R-1,2026-03-05,C2,F-3,50.00\nR-1,2026-03-05,C2,F-9,60.00\n"
    assert desk.load(text, kind="receipts").receipts == 1
    (row,) = Receipt.objects.of(desk.actor.organisation_id)
    assert (row.amount_minor, row.unapplied_minor) == (11000, 1001)


def test_two_receipts_with_one_number_are_told_and_not_made_one(desk: Desk) -> None:
    desk.load(HEAD + ROWS)
    done = desk.load(PAYS + "R-1,2026-03-05,C1,F-1,100\nR-1,2026-03-06,C1,F-2,20\n", kind="receipts")
    assert [(each["row"], each["field"], each["code"]) for each in done.problems] == [
        (3, "reference", "part_different")
    ]
    assert (done.receipts, done.rejected) == (1, 1)
