"""Cheques and promissory notes in the books: they stand for debts, and fall back on them when they are worth nothing."""

from datetime import date

import pytest

from aldia.cases import services as cases
from aldia.domain.instruments import InstrumentKind
from aldia.ledger import instruments as reads
from aldia.ledger.models import Document, Instrument
from aldia.ledger.services import instruments as paper
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Alarm
from aldia.payments import selectors as payments
from aldia.payments.services import instruments as services
from aldia.payments.services.instruments import BadInstrument, BadMove, InstrumentDraft
from tests.rooms.payments.conftest import Desk, make_desk


def cheque(desk: Desk, minor: int, *covers: Document, number: str = "88", **more: object) -> Instrument:
    told = {
        "kind": InstrumentKind.CHEQUE,
        "number": number,
        "issued_on": date(2026, 2, 1),
        "due_on": date(2026, 2, 20),
    }
    draft = InstrumentDraft(
        amount_minor=minor,
        currency="USD",
        bank="Banco Sur",
        covers=tuple(row.pk for row in covers),
        **{**told, **more},
    )  # type: ignore[arg-type]
    return services.register_instrument(
        actor=desk.book.actor, case_id=desk.account.pk, draft=draft, clock=desk.clock
    )


def move(desk: Desk, row: Instrument, key: str, on: str = "2026-02-21", **more: object) -> Instrument:
    return services.move_instrument(
        actor=desk.book.actor,
        document_id=row.document_id,
        move=key,
        on=date.fromisoformat(on),
        clock=desk.clock,
        **more,
    )  # type: ignore[arg-type]


def check_books(desk: Desk) -> None:
    report = payments.verify(desk.organisation_id)
    assert report.ok, report.differences


@pytest.mark.covers("S0-7c")
def test_a_cheque_that_bounces_reopens_what_it_covered_with_the_banks_charge_and_an_alarm(desk: Desk) -> None:
    one, two = desk.book.charge(10_000), desk.book.charge(5_000)
    row = cheque(desk, 12_000, one, two)
    assert desk.balances(one, two, row.document) == [0, 3_000, 12_000]
    move(desk, row, "deposit")
    move(desk, row, "bounce", "2026-02-25", code="no_funds", charge_minor=700)
    assert desk.balances(one, two, row.document) == [10_000, 5_000, 700]
    alarm = Alarm.objects.of(desk.organisation_id).get(kind="cheque_bounced")
    assert (alarm.case_id, alarm.data["reason"]) == (desk.account.pk, "no_funds")
    check_books(desk)


def test_a_cheque_that_cleared_and_comes_back_takes_its_receipt_with_it(desk: Desk) -> None:
    one = desk.book.charge(10_000)
    row = cheque(desk, 10_000, one)
    move(desk, row, "deposit")
    row = move(desk, row, "clear", "2026-02-22")
    assert row.receipt_id is not None and desk.balances(one, row.document) == [0, 0]
    move(desk, row, "bounce", "2026-02-25", code="stop_payment")
    assert desk.balances(one, row.document) == [10_000, 0]
    assert Document.objects.of(desk.organisation_id).get(pk=row.document_id).state == "CANCELLED"
    check_books(desk)


def test_a_bounced_cheque_is_deposited_again_and_stands_once_more_for_its_debts(desk: Desk) -> None:
    one, two = desk.book.charge(10_000), desk.book.charge(5_000)
    row = cheque(desk, 16_000, one, two)  # 1 000 more than it covers: a debt of its own
    move(desk, row, "deposit")
    for _time in range(2):
        move(desk, row, "bounce", "2026-02-25", code="no_funds", charge_minor=700)
        move(desk, row, "deposit_again", "2026-02-26")
    assert desk.balances(one, two, row.document) == [0, 0, 17_400]
    assert Alarm.objects.of(desk.organisation_id).filter(kind="cheque_bounced").count() == 2
    move(desk, row, "clear", "2026-02-27")
    assert desk.balances(one, two, row.document) == [0, 0, 1_400]
    move(desk, row, "bounce", "2026-02-28", code="no_funds")
    assert desk.balances(one, two, row.document) == [10_000, 5_000, 1_400]
    desk.pay(15_000)
    with pytest.raises(BadInstrument, match="ya se pagó"):
        move(desk, row, "deposit_again", "2026-03-01")
    check_books(desk)


def test_another_cheque_takes_the_place_of_one_that_bounced_and_pays_its_charge(desk: Desk) -> None:
    one = desk.book.charge(10_000)
    row = cheque(desk, 10_000, one)
    move(desk, row, "deposit")
    move(desk, row, "bounce", code="no_funds", charge_minor=500)
    draft = InstrumentDraft(InstrumentKind.CHEQUE, "89", 10_500, "USD", date(2026, 3, 1), date(2026, 3, 30))
    new = services.register_instrument(
        actor=desk.book.actor,
        case_id=desk.account.pk,
        draft=draft,
        clock=desk.clock,
        replaces_id=row.document_id,
    )
    assert desk.balances(one, row.document, new.document) == [0, 0, 10_500]
    assert [each.document.number for each in reads.instruments(desk.book.actor, desk.account.pk)] == ["89"]
    with pytest.raises(BadMove):
        move(desk, row, "give_back")
    check_books(desk)


def test_what_the_table_does_not_allow_is_refused_in_words(desk: Desk) -> None:
    row = cheque(desk, 1_000, due_on=date(2026, 4, 1))
    with pytest.raises(BadMove, match="2026-04-01"):
        move(desk, row, "deposit")
    with pytest.raises(BadInstrument, match="88"):
        cheque(desk, 500)
    assert desk.balances(row.document) == [1_000]
    check_books(desk)


@pytest.mark.covers("S3-7..9")
@pytest.mark.covers("S0-7b")
def test_a_note_has_its_guarantor_its_protest_and_the_day_it_prescribes(db: None) -> None:
    desk = make_desk("chile", country="CL")
    row = cheque(desk, 9_000, number="P-1", kind=InstrumentKind.NOTE, place="Valparaíso", maker="Ana")
    assert row.document.prescribes_on == date(2027, 2, 20)
    for _again in range(2):
        paper.name_guarantor(
            actor=desk.book.actor, document_id=row.document_id, role="guarantor", name="Berta  Díaz", tax_id="12.345.678-5",
            country="CL", now=desk.clock.now,
        )  # fmt: skip
    [(_document, role, name, _tax_id)] = reads.guarantors(desk.book.actor, [row.document_id])
    assert (role, name) == ("guarantor", "Berta Díaz")
    row = move(desk, row, "protest", to="Notaría 3")
    assert (row.state, row.details["holder"]) == ("protested", "Notaría 3")
    row = move(desk, row, "collect", "2026-02-28")
    assert desk.balances(row.document) == [0]
    check_books(desk)


@pytest.mark.covers("S0-7b")
def test_the_alarm_of_a_note_says_its_last_day_to_protest_and_goes_when_it_is_protested(db: None) -> None:
    desk = make_desk("pampa", country="AR")
    row = cheque(desk, 9_000, number="P-1", kind=InstrumentKind.NOTE, due_on=date(2026, 2, 27))
    cases.open_missing(actor=desk.book.actor, as_of=desk.clock.as_of, now=desk.clock.now)

    def told() -> list[tuple[str, date]]:
        outcomes.raise_alarms(actor=desk.book.actor, as_of=desk.clock.as_of, now=desk.clock.now)
        rows = Alarm.objects.of(desk.organisation_id).filter(kind="protest_due")
        return list(rows.values_list("state", "on"))

    assert told() == [("open", date(2026, 3, 3))]  # Friday's note: Monday and Tuesday are left
    move(desk, row, "protest", "2026-02-28", to="Escribanía 3")
    assert told() == [("resolved", date(2026, 3, 3))]


@pytest.mark.covers("S0-7c")
def test_a_cheque_that_a_file_brought_lives_as_any_other_and_stays_owed_until_it_clears(desk: Desk) -> None:
    debt = desk.book.charge(9_000, due="2026-02-20", kind="cheque")
    actor = desk.book.actor
    (told,) = reads.instruments(actor, desk.account.pk)
    assert (told.document_id, told.state) == (debt.pk, "held")
    with pytest.raises(BadMove, match="deuda misma"):
        move(desk, told, "give_back")
    for turn, key in enumerate(("deposit", "clear", "bounce", "deposit_again", "clear", "bounce")):
        code = {"code": "no_funds", "charge_minor": 100} if key == "bounce" else {}
        move(desk, told, key, f"2026-02-{21 + turn}", **code)
    assert desk.balances(debt) == [9_200]
    check_books(desk)
