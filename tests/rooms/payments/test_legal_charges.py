"""What the law adds to a late document: derived, posted once when money comes or the house claims it, never above the law."""

from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest

from aldia.access.actors import Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.ledger import selectors as ledger
from aldia.ledger import services as books
from aldia.ledger.models import Portfolio, Posting
from aldia.outcomes.legal_charges import LegalCharge, legal_charges
from aldia.parties.models import Party
from aldia.payments import selectors as reads
from aldia.payments import services as payments
from aldia.payments.running import owed_today
from tests.beginnings import beginning
from tests.rooms.ledger.conftest import Book, make_book

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1c")]
EUROPE = {"country": "ES", "currency": "EUR", "debt_kind": "commercial", "debtor_kind": "business"}


def one_seller() -> Book:
    return make_book("vendedora")


book = beginning(one_seller)


def begins(book: Book, **facts: str) -> None:
    rows = Portfolio.objects.of(book.actor.organisation_id)
    rows.update(**facts, settings={"legal_charges": {"since": "2026-01-01"}})
    Party.objects.of(book.actor.organisation_id).update(country=facts["country"])


def clock(day: str) -> Clock:
    on = date.fromisoformat(day)
    return Clock(on, datetime(on.year, on.month, on.day, 12, tzinfo=UTC))


def derived(book: Book, day: str) -> list[LegalCharge]:
    return legal_charges(book.actor, book.account.pk, on=date.fromisoformat(day))


def claims(book: Book, day: str) -> int:
    return payments.claim_legal_charges(actor=book.actor, case_id=book.account.pk, clock=clock(day))


def pays(book: Book, minor: int, on: str, *, told: str = "", currency: str = "EUR") -> None:
    draft = payments.ReceiptDraft(
        book.portfolio.pk, book.account.pk, minor, currency, date.fromisoformat(on), "cash", "desk", f"R{on}{minor}"
    )  # fmt: skip
    payments.register_receipt(actor=book.actor, draft=draft, clock=clock(told or on))


@pytest.mark.enforces("ES-CHG-02")
def test_forty_euros_are_owed_from_the_day_after_and_claimed_once(book: Book) -> None:
    begins(book, **EUROPE)
    document = book.charge(1_000_00, currency="EUR")
    assert derived(book, "2026-01-31") == []
    (told,) = derived(book, "2026-02-01")
    assert (told.owed_minor, told.rule_id, told.posted_minor) == (40_00, "ES-CHG-02", 0)
    assert book.document(document.pk).balance_minor == 1_000_00  # derived is not posted
    assert [claims(book, "2026-02-10"), claims(book, "2026-02-10"), claims(book, "2026-05-01")] == [
        40_00,
        0,
        0,
    ]
    assert book.document(document.pk).balance_minor == 1_040_00
    assert ledger.verify(book.actor.organisation_id).ok


@pytest.mark.parametrize(
    "changed",
    [{"debt_kind": ""}, {"debtor_kind": "consumer", "debt_kind": "consumer"}, {"authority": "EXTERNAL"}],
)
def test_nothing_is_given_where_nobody_said_that_it_is_a_business_debt_or_another_system_rules(
    book: Book, changed: dict[str, str]
) -> None:
    begins(book, **EUROPE | changed)
    book.charge(1_000_00, currency="EUR")
    assert derived(book, "2026-03-01") == []


def test_another_money_a_disputed_invoice_and_what_fell_due_before_bear_none(book: Book) -> None:
    begins(book, **EUROPE)
    book.charge(1_000_00, currency="USD")
    book.charge(1_000_00, currency="EUR", is_disputed=True)
    book.charge(1_000_00, currency="EUR", issued="2025-10-01", due="2025-12-31")
    assert derived(book, "2026-03-01") == []


def test_late_money_posts_it_first_and_money_in_time_that_is_told_late_takes_it_back(book: Book) -> None:
    begins(book, **EUROPE)
    late, in_time = (
        book.charge(500_00, currency="EUR"),
        book.charge(300_00, currency="EUR", due="2026-02-10"),
    )
    pays(book, 500_00, "2026-02-05")
    assert book.document(late.pk).balance_minor == 40_00
    assert claims(book, "2026-02-20") == 40_00
    pays(book, 340_00, "2026-02-09", told="2026-02-25")  # the forty of the first, and the second in its day
    assert (book.document(late.pk).balance_minor, book.document(in_time.pk).balance_minor) == (0, 0)
    assert claims(book, "2026-03-01") == 0
    assert ledger.verify(book.actor.organisation_id).ok


def test_what_is_given_up_is_reversed_and_never_comes_back(book: Book) -> None:
    begins(book, **EUROPE)
    document = book.charge(1_000_00, currency="EUR")
    claims(book, "2026-02-10")
    given_up = payments.waive_legal_charges(
        actor=book.actor, case_id=book.account.pk, document_id=document.pk, clock=clock("2026-02-11")
    )
    assert (given_up, book.document(document.pk).balance_minor) == (1, 1_000_00)
    pays(book, 1_000_00, "2026-02-12")
    assert (claims(book, "2026-03-01"), book.document(document.pk).balance_minor) == (0, 0)


def test_the_preview_counts_what_the_law_adds_by_that_day_as_the_receipt_does(book: Book) -> None:
    begins(book, **EUROPE)
    first, second = book.charge(500_00, currency="EUR"), book.charge(300_00, currency="EUR", due="2026-02-10")
    plan = reads.plan_receipt(
        book.actor, case_id=book.account.pk, amount_minor=700_00, currency="EUR", on=date(2026, 2, 20),
        as_of=date(2026, 2, 20),
    )  # fmt: skip
    pays(book, 700_00, "2026-02-20")
    left = {row.document_id: row.open_minor - row.covers_minor for row in plan.covers}
    assert left == {each.pk: book.document(each.pk).balance_minor for each in (first, second)}
    assert (plan.running, plan.unapplied_minor, sum(left.values())) == ({"EUR": 80_00}, 0, 180_00)


def test_who_pays_all_that_the_page_says_owes_nothing(book: Book) -> None:
    begins(book, **EUROPE)
    book.charge(500_00, currency="EUR")
    book.charge(300_00, currency="EUR", due="2026-03-10")
    told = owed_today(book.actor, book.account.pk, as_of=date(2026, 2, 20))
    assert [(line.open_minor, line.running_minor) for line in told] == [(540_00, 40_00), (300_00, 0)]
    pays(book, sum(line.open_minor for line in told), "2026-02-20")
    assert owed_today(book.actor, book.account.pk, as_of=date(2026, 2, 20)) == []


@pytest.mark.enforces("CL-CHG-01")
def test_the_tariff_of_chile_is_by_slices_after_twenty_days_at_the_unit_of_its_day(book: Book) -> None:
    """1 100 000 pesos at 38 000 a unit: 9 % of ten units and 6 % of the other 18.9473 are 77 399 pesos less the fractions."""
    begins(book, country="CL", currency="CLP", debt_kind="consumer", debtor_kind="consumer")
    document = book.charge(1_200_000, currency="CLP")
    pays(book, 100_000, "2026-02-10", currency="CLP")  # within the days of waiting: it bears nothing
    assert derived(book, "2026-02-20")[:1] == []
    (waiting,) = derived(book, "2026-02-21")
    assert (waiting.to_post_minor, waiting.unit) == (0, "CLF")
    assert claims(book, "2026-02-21") == 0
    worth = pl.DataFrame(
        {"currency": ["CLF"], "quote": ["CLP"], "on": [date(2026, 2, 21)], "rate": ["38000"]}
    )
    books.record_rates(actor=book.actor, rates=worth, source="test", clock=clock("2026-02-22"))
    pays(book, 600_000, "2026-03-01", currency="CLP")
    (told,) = derived(book, "2026-06-01")
    assert (told.owed_minor, told.posted_minor, told.to_post_minor) == (77_398, 77_398, 0)
    assert book.document(document.pk).balance_minor == 1_100_000 + 77_398 - 600_000
    assert Posting.objects.of(book.actor.organisation_id).filter(source="law").count() == 1


def test_only_who_may_take_money_back_gives_it_up(book: Book) -> None:
    collector = replace(book.actor, permissions=frozenset({Permission.WORK_CASES}))
    with pytest.raises(NotAllowed):
        payments.waive_legal_charges(
            actor=collector, case_id=book.account.pk, document_id=1, clock=clock("2026-02-11")
        )
