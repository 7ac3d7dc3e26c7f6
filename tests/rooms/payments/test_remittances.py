"""What is collected for others is handed over once, less a commission, to whom the portfolio was of that day; the books prove it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.remitting import BadTerms, RemittanceTerms, kept_of, owner_on
from aldia.ledger.models import Leg
from aldia.ledger.services.owning import BadOwner, change_owner
from aldia.payments import entrusted, remittance_paper, remittances, services
from aldia.payments import selectors as payments
from aldia.payments.models import Remittance
from tests.rooms.payments.conftest import TODAY, Desk

pytestmark = pytest.mark.covers("S4-1e", "S4-23a")
TERMS = RemittanceTerms(1_500, 2_100, date(2026, 2, 1))
AMOUNTS = st.integers(0, 10**9)


@given(AMOUNTS, AMOUNTS, st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_is_kept_and_handed_over_is_what_was_held_and_taken_back_it_is_nothing(
    collected: int, held: int, commission: int, tax: int
) -> None:
    terms = RemittanceTerms(commission, tax)
    kept, back = kept_of(collected, held, terms), kept_of(-collected, -held, terms)
    assert kept.commission_minor + kept.tax_minor + kept.net_minor == held
    assert (back.commission_minor, back.tax_minor, back.net_minor) == (
        -kept.commission_minor, -kept.tax_minor, -kept.net_minor,
    )  # fmt: skip


def test_the_owner_of_a_day_is_the_last_told_of_the_last_change_before_it() -> None:
    changes = [(date(2026, 3, 1), 2), (date(2026, 2, 1), 3), (date(2026, 3, 1), 4)]
    days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1))
    assert [owner_on(changes, day, 1) for day in days] == [1, 3, 3, 4]
    with pytest.raises(BadTerms):
        RemittanceTerms(10_001)


def start(desk: Desk) -> None:
    services.set_terms(
        actor=desk.book.actor, portfolio_id=desk.book.portfolio.pk, terms=TERMS, clock=desk.clock
    )


def close(desk: Desk, owner_id: int | None = None, until: date = TODAY) -> Remittance:
    return services.close_remittance(
        actor=desk.book.actor, portfolio_id=desk.book.portfolio.pk, owner_id=owner_id or desk.book.portfolio.creditor_id,
        currency="USD", until_on=until, clock=desk.clock,
    )  # fmt: skip


def check_books(desk: Desk) -> None:
    report = payments.verify(desk.organisation_id)
    assert report.ok, report.differences


def books(desk: Desk) -> dict[str, int]:
    found: dict[str, int] = {}
    for book, minor in (
        Leg.objects.of(desk.organisation_id).filter(account_id=0).values_list("book", "amount_minor")
    ):
        found[book] = found.get(book, 0) + minor
    return {book: minor for book, minor in found.items() if minor}


def test_a_remittance_takes_each_receipt_once_and_pays_out_of_what_was_held(desk: Desk) -> None:
    start(desk)
    desk.book.charge(500_000)
    desk.pay(70_000, on=date(2026, 1, 20))  # before the placement: not of it
    first = desk.pay(100_000)
    desk.pay(10_000, means="creditor")  # paid to the owner: commission, no money
    row = close(desk)
    assert (row.collected_minor, row.held_minor, row.commission_minor, row.tax_minor) == (
        110_000,
        100_000,
        16_500,
        3_465,
    )
    assert books(desk) == {"entrusted": 100_000, "payable": -80_035, "commission": -19_965}
    with pytest.raises(services.BadRemittance, match="nada por rendir"):
        close(desk)
    services.pay_remittance(
        actor=desk.book.actor, remittance_id=row.pk, on=TODAY, reference="T-1", clock=desk.clock
    )
    with pytest.raises(services.BadRemittance, match="ya se pagó"):
        services.pay_remittance(
            actor=desk.book.actor, remittance_id=row.pk, on=TODAY, reference="T-1", clock=desk.clock
        )
    check_books(desk)
    services.reverse_receipt(
        actor=desk.book.actor, receipt_id=first.pk, reason="rebotó", on=TODAY, clock=desk.clock
    )
    back = close(desk)
    assert (back.collected_minor, back.net_minor) == (-100_000, -81_850)
    assert (
        back.number == row.number + 1
        and remittance_paper.settlement_paper(desk.book.actor, back.pk, as_of=TODAY)[:4] == b"%PDF"
    )
    check_books(desk)


def test_money_goes_to_whom_the_portfolio_was_of_that_day(desk: Desk) -> None:
    start(desk)
    desk.book.charge(500_000)
    told = {
        "actor": desk.book.actor, "portfolio_id": desk.book.portfolio.pk, "name": "Fideicomiso Sur", "tax_id": "30-1",
        "from_on": date(2026, 2, 20), "note": "Serie I", "clock": desk.clock,
    }  # fmt: skip
    trust = change_owner(**told).owner  # type: ignore[arg-type]
    with pytest.raises(BadOwner, match="Fideicomiso Sur"):
        change_owner(**told)  # type: ignore[arg-type]
    desk.pay(1_000, on=date(2026, 2, 19))
    desk.pay(2_000, on=date(2026, 2, 20))
    waiting = entrusted.pending(desk.book.actor, until_on=TODAY)
    assert {each.owner.pk: each.collected_minor for each in waiting} == {
        desk.book.portfolio.creditor_id: 1_000, trust.pk: 2_000,
    }  # fmt: skip
    assert close(desk, trust.pk).held_minor == 2_000 and close(desk).held_minor == 1_000
    check_books(desk)


def test_verify_names_a_remittance_that_somebody_changed_by_a_cent(desk: Desk) -> None:
    start(desk)
    desk.book.charge(5_000)
    desk.pay(5_000)
    row = close(desk)
    Remittance.objects.of(desk.organisation_id).filter(pk=row.pk).update(net_minor=row.net_minor + 1)
    found = payments.verify(desk.organisation_id).differences
    assert {each.kind for each in found} == {"remittance_lines", "remittance_payable"}


def test_what_the_database_adds_is_each_receipt_by_the_rule_whoever_it_was_of(desk: Desk) -> None:
    start(desk)
    desk.book.charge(50_000_000)
    amounts = [1, 3, 33, 1_667, 99_999, 1_000_033]
    first = [desk.pay(minor, on=date(2026, 2, 3)) for minor in amounts]
    change_owner(
        actor=desk.book.actor, portfolio_id=desk.book.portfolio.pk, name="Fideicomiso Sur", tax_id="30-1", from_on=date(2026, 2, 20),
        note="Serie I", clock=desk.clock,
    )  # fmt: skip
    close(desk)
    services.reverse_receipt(
        actor=desk.book.actor, receipt_id=first[3].pk, reason="rebotó", on=TODAY, clock=desk.clock
    )
    later = [desk.pay(minor, on=date(2026, 2, 20)) for minor in amounts]
    desk.pay(77_777, on=date(2026, 2, 21), means="creditor")
    found = {each.owner.name: each for each in entrusted.pending(desk.book.actor, until_on=TODAY)}
    trust, old = found.pop("Fideicomiso Sur"), found.popitem()[1]
    assert (old.receipts, old.collected_minor) == (1, -1_667)
    rules = [kept_of(row.amount_minor, row.amount_minor, TERMS) for row in later] + [
        kept_of(77_777, 0, TERMS)
    ]
    lines = remittances.first_lines(desk.book.actor, trust, until_on=TODAY)
    assert [(line.commission_minor, line.tax_minor, line.net_minor) for line in lines] == [
        (rule.commission_minor, rule.tax_minor, rule.net_minor) for rule in rules
    ]
    assert trust.net_minor == sum(line.net_minor for line in lines) and trust.receipts == len(lines)
    assert close(desk, trust.owner.pk).net_minor == trust.net_minor
    assert close(desk).net_minor == old.net_minor
    assert entrusted.pending(desk.book.actor, until_on=TODAY) == []
    check_books(desk)


def test_a_screen_takes_the_first_receipts_and_the_sums_of_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remittances, "SHOWN", 5)
    start(desk)
    desk.book.charge(500_000)
    for minor in range(1, 13):
        desk.pay(minor)
    [waiting] = entrusted.pending(desk.book.actor, until_on=TODAY)
    shown = remittances.first_lines(desk.book.actor, waiting, until_on=TODAY)
    assert [line.collected_minor for line in shown] == [1, 2, 3, 4, 5]
    assert (waiting.receipts, waiting.collected_minor) == (12, 78)


def test_what_goes_back_comes_from_whom_it_was_handed_to_and_from_its_own_day_on(desk: Desk) -> None:
    start(desk)
    desk.book.charge(500_000)
    receipt = desk.pay(10_000, on=date(2026, 2, 20))
    old = close(desk)
    change_owner(
        actor=desk.book.actor, portfolio_id=desk.book.portfolio.pk, name="Fideicomiso Sur", tax_id="30-1", from_on=date(2026, 2, 10),
        note="con fecha anterior", clock=desk.clock,
    )  # fmt: skip
    services.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="rebotó", on=TODAY, clock=desk.clock
    )
    assert entrusted.pending(desk.book.actor, until_on=date(2026, 2, 25)) == []
    [waiting] = entrusted.pending(desk.book.actor, until_on=TODAY)
    assert (waiting.owner.pk, waiting.net_minor) == (old.owner_id, -old.net_minor)
    assert close(desk).net_minor == -old.net_minor
    check_books(desk)
