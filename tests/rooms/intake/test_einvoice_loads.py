"""From an electronic document to a debt: once for ever, settled by what names it, undone by reversal."""

import zipfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.models import Organisation
from aldia.intake import services
from aldia.intake.models import LoadProblem
from aldia.intake.requests import LoadRequest, LoadResult
from aldia.intake.services import EinvoicesRefused
from aldia.ledger import selectors as ledger
from aldia.ledger.models import Document, DocumentFile, Portfolio
from aldia.parties.models import Party
from aldia.payments import selectors as payments
from aldia.payments import services as payment_services
from aldia.payments.models import BankLine, Receipt
from tests.rooms.intake.invoices import NFE_KEY, SOL, cfdi, complement, lowers, nfe, ubl

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
ONE, TWO, NOTE, PAID = (f"1F2E3D4C-0000-4000-8000-00000000000{n}" for n in "1248")


@dataclass
class Desk:
    """Where electronic documents arrive."""

    actor: Actor
    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(TODAY, NOW))

    def file(self, *texts: str) -> Path:
        if len(texts) == 1:
            path = self.folder / "factura.xml"
            path.write_text(texts[0], encoding="utf-8")
            return path
        path = self.folder / "facturas.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for place, text in enumerate(texts, 1):
                archive.writestr(f"{place}.xml", text)
        return path

    def load(self, *texts: str, is_dry_run: bool = False, **asked: object) -> LoadResult:
        request = LoadRequest(**{"creditor_tax_id": SOL, "country": "MX", "payment_days": 30, **asked})  # type: ignore[arg-type]
        return services.load(
            actor=self.actor, path=self.file(*texts), request=request, clock=self.clock, is_dry_run=is_dry_run
        )

    def balances(self) -> dict[str, int]:
        rows = Document.objects.of(self.actor.organisation_id).exclude(state="CANCELLED")
        return dict(rows.values_list("number", "balance_minor"))

    def check_books(self) -> None:
        report = payments.verify(self.actor.organisation_id)
        assert report.ok, report.differences


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Desk:
    organisation = access.create_organisation(key="sol", name="Sol", country="MX", currency="MXN", now=NOW)
    return Desk(system(organisation.pk), tmp_path)


def codes(result: LoadResult) -> list[str]:
    return [problem["code"] for problem in result.problems]


def test_an_invoice_becomes_a_debt_once_for_ever_with_its_file(desk: Desk) -> None:
    dry = desk.load(cfdi(ONE), is_dry_run=True)
    assert desk.balances() == {}
    done = desk.load(cfdi(ONE))
    assert {**done.as_data(), "load": None} == dry.as_data()
    assert (done.rows, done.new, done.rejected, done.totals) == (
        1,
        1,
        0,
        {"MXN": {"documents": 1, "open_minor": 11_600}},
    )
    row = Document.objects.of(desk.actor.organisation_id).get()
    assert (row.reference, row.number, row.due_on, row.kind) == (ONE, "A-0001", date(2026, 2, 9), "invoice")
    assert (codes(done), done.problems[0]["file"]) == (["due_by_rule"], "factura.xml")
    kept = DocumentFile.objects.of(desk.actor.organisation_id).get(document=row).file
    _stored, path = ledger.open_file(desk.actor, kept.pk)
    assert path.read_text(encoding="utf-8") == cfdi(ONE)
    again = desk.load(cfdi(ONE))
    assert (again.new, again.same, again.rejected) == (0, 1, 0) and desk.balances() == {"A-0001": 11_600}
    desk.check_books()


def test_the_mails_of_a_month_each_with_its_archive_keep_the_document_of_each(desk: Desk) -> None:
    month = desk.folder / "mes.zip"
    with zipfile.ZipFile(month, "w") as archive:
        for uuid in (ONE, TWO):
            with zipfile.ZipFile(desk.folder / "correo.zip", "w") as inside:
                inside.writestr("cfdi/factura.xml", cfdi(uuid))
            archive.write(desk.folder / "correo.zip", f"correos/{uuid}.zip")
    request = LoadRequest(creditor_tax_id=SOL, country="MX", payment_days=30)
    services.load(actor=desk.actor, path=month, request=request, clock=desk.clock, is_dry_run=False)
    for kept in DocumentFile.objects.of(desk.actor.organisation_id):
        _stored, path = ledger.open_file(desk.actor, kept.file_id)
        assert path.read_text(encoding="utf-8") == cfdi(kept.document.reference)
    assert DocumentFile.objects.of(desk.actor.organisation_id).count() == 2


def test_the_issuer_is_recognised_by_its_tax_id_and_a_stranger_is_refused_with_the_way_out(
    desk: Desk,
) -> None:
    with pytest.raises(EinvoicesRefused, match="--creditor-tax-id AAA010101AAA"):
        desk.load(cfdi(ONE), creditor_tax_id="")
    desk.load(cfdi(ONE))
    assert Portfolio.objects.of(desk.actor.organisation_id).get().creditor.tax_id == SOL
    purchase = desk.load(cfdi(ONE), cfdi(TWO, issuer="EKU9003173C9"), creditor_tax_id="")
    assert (purchase.same, purchase.rejected) == (1, 1)
    told = next(each for each in purchase.problems if each["code"] == "other_issuer")
    assert (told["file"], told["field"], told["found"]) == ("2.xml", "issuer_id", "EKU9003173C9")


def test_the_debtor_is_matched_by_tax_id_and_a_generic_one_is_told_by_name(desk: Desk) -> None:
    generic = {"receiver": "XAXX010101000"}
    desk.load(cfdi(ONE), cfdi(TWO), cfdi(NOTE, **generic, name="Ana"), cfdi(PAID, **generic, name="Luis"))
    people = Party.objects.filter(organisation_id=desk.actor.organisation_id).order_by("name")
    assert [(row.name, row.tax_id) for row in people] == [
        ("Ana", ""),
        ("Luis", ""),
        ("Xenon Industrial", "XIA190128J61"),
    ]


def test_a_credit_note_lowers_what_it_names_whichever_comes_first(desk: Desk) -> None:
    note = cfdi(NOTE, "16.00", kind="E", body=lowers(ONE))
    early = desk.load(note)
    assert codes(early) == ["lowers_unknown"] and desk.balances() == {"A-0004": -1_600}
    desk.load(cfdi(ONE))
    assert desk.balances() == {"A-0004": 0, "A-0001": 10_000}
    desk.load(cfdi(TWO), cfdi(PAID, "200.00", kind="E", body=lowers(TWO)))
    assert desk.balances()["A-0002"] == 0 and desk.balances()["A-0008"] == -8_400
    desk.check_books()


def test_a_payment_complement_pays_the_documents_that_it_names_and_never_twice(desk: Desk) -> None:
    paid = complement(PAID, [(ONE, "100.00"), (TWO, "116.00")])
    done = desk.load(cfdi(ONE), paid, cfdi(TWO))
    assert done.receipts == 2 and desk.balances() == {"A-0001": 1_600, "A-0002": 0}
    again = desk.load(paid)
    assert (again.new, again.rejected) == (0, 0)
    rows = Receipt.objects.of(desk.actor.organisation_id).order_by("amount_minor")
    assert [(row.amount_minor, row.unapplied_minor, row.on) for row in rows] == [
        (10_000, 0, date(2026, 2, 1)), (11_600, 0, date(2026, 2, 1)),
    ]  # fmt: skip
    over = desk.load(complement(NOTE, [(ONE, "50.00")]))
    assert codes(over) == ["pays_too_much"] and desk.balances()["A-0001"] == 0
    desk.check_books()


def receive(desk: Desk, reference: str, minor: int, on: date) -> Receipt:
    """Money of the only client of the desk, as a bank statement brings it."""
    row = Document.objects.of(desk.actor.organisation_id).earliest("id")
    draft = payment_services.ReceiptDraft(
        row.portfolio_id, row.account_id, minor, "MXN", on, "transfer", "bank", reference
    )
    return payment_services.register_receipt(actor=desk.actor, draft=draft, clock=desk.clock)


@pytest.mark.covers("S3-60d")
def test_a_complement_of_money_that_the_bank_brought_first_is_the_same_money_for_ever(desk: Desk) -> None:
    first = desk.load(cfdi(ONE), cfdi(TWO))
    receive(desk, "b1", 5_000, date(2026, 2, 3))
    told = complement(PAID, [(ONE, "50.00")])
    for _time in range(2):
        done = desk.load(told)
        assert done.receipts == 0 and sum(desk.balances().values()) == 2 * 11_600 - 5_000
    other = desk.load(complement(NOTE, [(ONE, "50.00")]))  # another payment of the same size is other money
    assert other.receipts == 1 and sum(desk.balances().values()) == 2 * 11_600 - 10_000
    late = desk.load(complement(NFE_KEY[:36], [(TWO, "50.00")], on="2026-02-20"))
    assert late.receipts == 1 and sum(desk.balances().values()) == 2 * 11_600 - 15_000
    assert first.new == 2
    desk.check_books()


def test_one_transfer_that_a_complement_tells_by_its_invoices_is_told_once(desk: Desk) -> None:
    desk.load(cfdi(ONE), cfdi(TWO))
    receive(desk, "b1", 15_000, date(2026, 2, 1))
    both = desk.load(complement(PAID, [(ONE, "100.00"), (TWO, "50.00")]))
    assert both.receipts == 0 and codes(both) == ["already_received", "already_received"]
    assert sum(desk.balances().values()) == 2 * 11_600 - 15_000
    services.undo(actor=desk.actor, load_id=both.load_id, clock=desk.clock)
    again = desk.load(complement(PAID, [(ONE, "100.00"), (TWO, "50.00")]))
    assert codes(again) == ["already_received", "already_received"]
    desk.check_books()


def test_a_complement_counts_again_once_its_bank_money_was_taken_back(desk: Desk) -> None:
    desk.load(cfdi(ONE))
    money = receive(desk, "b1", 5_000, date(2026, 2, 1))
    told = complement(PAID, [(ONE, "50.00")])
    desk.load(told)
    payment_services.reverse_receipt(
        actor=desk.actor, receipt_id=money.pk, reason="mistake", on=TODAY, clock=desk.clock
    )
    assert desk.load(told).receipts == 1 and desk.balances() == {"A-0001": 6_600}
    desk.check_books()


def test_a_payment_of_an_invoice_that_is_not_here_waits_outside(desk: Desk) -> None:
    desk.load(cfdi(ONE))
    paid = complement(PAID, [(TWO, "10.00")])
    early = desk.load(paid)
    assert (early.rejected, early.receipts, codes(early)) == (1, 0, ["pays_unknown"])
    desk.load(cfdi(TWO))
    assert desk.load(paid).receipts == 1 and desk.balances() == {"A-0001": 11_600, "A-0002": 10_600}


def test_paid_at_issue_and_unsaid_terms_are_no_debt(desk: Desk) -> None:
    done = desk.load(cfdi(ONE, method="PUE"), cfdi(TWO, method=""), cfdi("", kind="I"))
    assert (done.new, done.rejected) == (0, 2)
    assert sorted(codes(done)) == ["no_identity", "no_terms", "paid_at_issue"]


def test_without_payment_days_a_missing_due_date_is_asked_and_the_portfolio_may_say_it(desk: Desk) -> None:
    asked = desk.load(cfdi(ONE), payment_days=None)
    assert (asked.rejected, codes(asked)) == (1, ["no_due_date"])
    portfolio = Portfolio.objects.of(desk.actor.organisation_id).get()
    portfolio.settings = {"payment_days": 15, "payment_days_of": {"XIA190128J61": 60}}
    portfolio.save()
    desk.load(cfdi(ONE), cfdi(TWO, receiver="EKU9003173C9", name="Otro"), payment_days=None)
    rows = Document.objects.of(desk.actor.organisation_id).values_list("number", "due_on")
    assert dict(rows) == {"A-0001": date(2026, 3, 11), "A-0002": date(2026, 1, 25)}


def test_the_same_document_in_two_files_is_named_and_a_different_one_stays_out(desk: Desk) -> None:
    done = desk.load(cfdi(ONE), cfdi(ONE), cfdi(ONE, "99.00"))
    assert (done.rows, done.new, done.same, done.rejected) == (3, 1, 1, 1)
    told = {each["code"]: each for each in done.problems}
    assert "1.xml" in told["duplicate_same"]["found"] and told["duplicate_different"]["file"] == "3.xml"
    later = desk.load(cfdi(ONE, "99.00"))
    assert (later.rejected, codes(later)) == (1, ["known_different"]) and desk.balances() == {
        "A-0001": 11_600
    }


BRAZIL = {"creditor_tax_id": "12.345.678/0001-95", "country": "BR"}
PARTS = {"2026-02-05": "100.00", "2026-03-05": "50.50"}


def test_duplicatas_are_documents_of_their_own_and_a_cancelled_invoice_is_taken_back(desk: Desk) -> None:
    desk.load(nfe(PARTS), **BRAZIL)
    assert desk.balances() == {"1-1/1": 10_000, "1-1/2": 5_050}
    ended = desk.load(nfe(PARTS, status="101"), **BRAZIL)
    assert (ended.new, ended.changed) == (0, 2) and desk.balances() == {}
    desk.check_books()
    again = desk.load(nfe(PARTS), **BRAZIL)
    assert (again.new, again.same, codes(again)) == (0, 1, ["known_cancelled"])
    services.undo(actor=desk.actor, load_id=again.load_id or 0, clock=desk.clock)
    services.undo(actor=desk.actor, load_id=ended.load_id or 0, clock=desk.clock)
    assert desk.balances() == {"1-1/1": 10_000, "1-1/2": 5_050}
    desk.check_books()


def test_an_invoice_that_replaces_another_leaves_only_itself_owed_whichever_comes_first(desk: Desk) -> None:
    again = cfdi(TWO, "120.00", body=lowers(ONE).replace("'01'", "'04'"))
    desk.load(cfdi(ONE))
    done = desk.load(again)
    assert (done.new, done.changed) == (1, 1) and desk.balances() == {"A-0002": 12_000}
    services.undo(actor=desk.actor, load_id=done.load_id or 0, clock=desk.clock)
    assert desk.balances() == {"A-0001": 11_600}
    desk.load(again, cfdi(ONE))
    assert desk.balances() == {"A-0002": 12_000}
    late = desk.load(cfdi(NOTE, body=lowers(PAID).replace("'01'", "'04'")), portfolio="Otra", creditor="Sol")
    assert late.new == 1 and codes(desk.load(cfdi(PAID), portfolio="Otra"))[-1] == "replaced"
    desk.check_books()


def acuse(uuid: str, state: str = "201") -> str:
    return f"<Acuse RfcEmisor='{SOL}'><Folios><UUID>{uuid}</UUID><EstatusUUID>{state}</EstatusUUID></Folios></Acuse>"


def test_the_tax_offices_receipt_of_a_cancellation_takes_the_debt_back_and_leaves_what_was_paid_in_favour(
    desk: Desk,
) -> None:
    desk.load(cfdi(ONE), cfdi(TWO), complement(PAID, [(TWO, "16.00")]))
    ended = desk.load(acuse(ONE.lower()), acuse(TWO, "202"), acuse(NOTE))
    assert (ended.changed, codes(ended)) == (2, ["cancels_nothing"])
    assert desk.balances() == {"A-0002": -1_600}
    desk.check_books()
    event = (
        f"<procEventoNFe><evento><infEvento><tpEvento>110111</tpEvento><chNFe>{NFE_KEY}</chNFe></infEvento></evento>"
        "<retEvento><infEvento><cStat>135</cStat></infEvento></retEvento></procEventoNFe>"
    )
    desk.load(nfe(PARTS), portfolio="Brasil", **BRAZIL)
    assert desk.load(event, portfolio="Brasil", **BRAZIL).changed == 2


def test_a_test_document_is_a_debt_in_a_sandbox_only(desk: Desk) -> None:
    practice = nfe(PARTS, environment="2")
    assert codes(desk.load(practice, is_dry_run=True, **BRAZIL)) == ["test_taken"]
    Organisation.objects.update(is_sandbox=False)
    real = desk.load(practice, is_dry_run=True, **BRAZIL)
    assert (real.rejected, codes(real)) == (1, ["test_document"])


EUROPE = {"creditor_tax_id": "B58378431", "country": "ES"}


def test_what_is_payable_is_owed_not_the_total_and_a_note_finds_its_invoice_by_number(desk: Desk) -> None:
    desk.load(ubl("F-1", "80.00", total="100.00", due="2026-02-01"), **EUROPE)
    row = Document.objects.of(desk.actor.organisation_id).get()
    assert (row.original_minor, row.currency, row.attributes["total"]) == (8_000, "EUR", "100.00")
    desk.load(ubl("R-1", "30.00", root="CreditNote", names="F 1"), **EUROPE)
    assert desk.balances() == {"F-1": 5_000, "R-1": 0}


def test_what_came_by_a_table_is_not_owed_twice(desk: Desk) -> None:
    table = desk.folder / "abiertas.csv"
    table.write_text(
        "cliente,nombre,factura,emision,vencimiento,importe\nB65410011,Norte,F1,2026-01-02,2026-02-01,80.00\n"
    )
    asked = LoadRequest(creditor="Sol", currency="EUR", country="ES", creditor_tax_id="B58378431")
    services.load(actor=desk.actor, path=table, request=asked, clock=desk.clock, is_dry_run=False)
    done = desk.load(ubl("F-1", "80.00", due="2026-02-01"), **EUROPE)
    assert (done.new, done.same, codes(done)) == (0, 1, ["known_by_rows"])
    assert DocumentFile.objects.of(desk.actor.organisation_id).count() == 1


def test_an_undo_takes_debts_notes_and_payments_back(desk: Desk) -> None:
    first = desk.load(cfdi(ONE))
    load = desk.load(complement(PAID, [(ONE, "16.00")]), cfdi(NOTE, "50.00", kind="E", body=lowers(ONE)))
    assert desk.balances() == {"A-0001": 5_000, "A-0004": 0}
    services.undo(actor=desk.actor, load_id=load.load_id or 0, clock=desk.clock)
    assert desk.balances() == {"A-0001": 11_600}
    services.undo(actor=desk.actor, load_id=first.load_id or 0, clock=desk.clock)
    desk.check_books()
    assert desk.load(cfdi(ONE)).new == 1 and desk.balances() == {"A-0001": 11_600}


def test_a_preview_and_its_merge_do_what_a_load_does(desk: Desk) -> None:
    request = LoadRequest(creditor_tax_id=SOL, country="MX", payment_days=30)
    path = desk.file(cfdi(ONE), cfdi(""), cfdi(TWO))
    shown = services.preview(actor=desk.actor, path=path, request=request, clock=desk.clock)
    assert desk.balances() == {} and (shown.kind, shown.counts["new"], shown.counts["rejected"]) == (
        "einvoices",
        2,
        1,
    )
    problem = LoadProblem.objects.of(desk.actor.organisation_id).get(is_error=True)
    assert (problem.file, problem.code) == ("2.xml", "no_identity")
    merged = services.merge(actor=desk.actor, load_id=shown.pk, clock=desk.clock)
    assert merged.counts == shown.counts and len(desk.balances()) == 2
    files = DocumentFile.objects.of(desk.actor.organisation_id).values_list("file__name", flat=True)
    assert sorted(files) == ["1.xml", "3.xml"]


def test_a_bank_statement_is_sent_to_its_desk(desk: Desk) -> None:
    statement = "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>MXN<BANKACCTFROM><ACCTID>1</BANKACCTFROM>"
    statement += "<BANKTRANLIST><STMTTRN><DTPOSTED>20260101<TRNAMT>1.00<FITID>1</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS>"
    with pytest.raises(EinvoicesRefused, match="reconcile"):
        desk.load(statement + "</BANKMSGSRSV1></OFX>")


def bank(desk: Desk, minor: int, **told: object) -> payment_services.Matched:
    """A bank statement of one line of money in, matched."""
    creditor = Portfolio.objects.of(desk.actor.organisation_id).get()
    account = payment_services.ensure_bank_account(
        actor=desk.actor, number="MX-1", currency="MXN", clock=desk.clock, portfolio_id=creditor.pk
    )
    blank = dict.fromkeys(("reference", "text", "payer", "payer_account", "payer_tax_id", "reason"), "")
    line = {**blank, "booked_on": date(2026, 2, 3), "is_returned": False, "amount_minor": minor, **told}
    draft = payment_services.StatementDraft(
        format="CSV", number="1", digest="d", turn=0, opening_minor=None, closing_minor=None,
        lines=pl.DataFrame([line], schema=payment_services.LINES),
    )  # fmt: skip
    payment_services.take_statement(
        actor=desk.actor, bank_account_id=account.pk, draft=draft, clock=desk.clock
    )
    return payment_services.match_lines(actor=desk.actor, clock=desk.clock)


@pytest.mark.covers("S3-60d")
@pytest.mark.parametrize("is_bank_first", [True, False])
def test_the_complement_and_the_bank_line_of_one_payment_count_once_in_either_order(
    desk: Desk, is_bank_first: bool
) -> None:
    desk.load(cfdi(ONE), cfdi(TWO))
    steps = [
        lambda: bank(desk, 11_600, text="PAGO A-0001"),
        lambda: desk.load(complement(PAID, [(ONE, "116.00")])),
    ]
    for step in (steps if is_bank_first else steps[::-1]) * 2:
        step()
    assert sorted(desk.balances().values()) == [0, 11_600]
    assert Receipt.objects.of(desk.actor.organisation_id).count() == 1
    [line] = BankLine.objects.of(desk.actor.organisation_id)
    assert line.state == "applied" and line.is_automatic
    desk.check_books()
