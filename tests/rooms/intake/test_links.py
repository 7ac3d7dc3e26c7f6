"""The link with another system's books: open debts come in, receipts go out once, and nothing counts twice whatever falls between."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.intake import selectors, services
from aldia.intake.readers import child, table
from aldia.intake.services import Turn
from aldia.ledger.models import Document
from aldia.payments import selectors as payment_reads
from aldia.payments import services as payments
from aldia.payments.models import Receipt
from tests.rooms.intake.tryton import PASSWORD, Tryton

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
DUE = date(2026, 2, 20)

pytestmark = pytest.mark.django_db


@dataclass
class Desk:
    """An organisation with its link and the books at the other end."""

    actor: Actor
    tryton: Tryton
    now: datetime = NOW

    def turn(self, *, is_full: bool = False, on: date = TODAY) -> Turn:
        self.now += timedelta(minutes=20)
        clock = Clock(on, self.now)
        return services.sync(
            actor=self.actor, clock=clock, real_now=self.now, is_full=is_full, open_books=self.tryton.books
        )

    def pay(self, number: str, minor: int, reference: str = "R", *more: str) -> Receipt:
        self.now += timedelta(seconds=1)
        documents = [
            Document.objects.of(self.actor.organisation_id).get(number=each) for each in (number, *more)
        ]
        return payments.register_receipt(
            actor=self.actor,
            draft=payments.ReceiptDraft(
                portfolio_id=documents[0].portfolio_id,
                case_id=documents[0].account_id,
                amount_minor=minor,
                currency="USD",
                on=TODAY,
                means="transferencia",
                source="desk",
                reference=reference,
                document_ids=[each.pk for each in documents],
            ),
            clock=Clock(TODAY, self.now),
        )

    def balances(self) -> dict[str, int]:
        rows = Document.objects.of(self.actor.organisation_id)
        return dict(rows.order_by("number").values_list("number", "balance_minor"))

    def agrees(self) -> bool:
        """Whether every invoice has here what it has there, and the books of here prove themselves."""
        held: dict[str, int] = {}
        for number, minor in self.balances().items():
            held[number.partition("/")[0]] = held.get(number.partition("/")[0], 0) + minor
        owed = {number: int(left * 100) for number, left in self.tryton.owed().items()}
        return held == owed and payment_reads.verify(self.actor.organisation_id).ok


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of our own are parsed in this process: the guarded child has its own tests, and each would cost a Python."""

    def parsed(
        path: Path, out: Path, request: Any, limits: Any, *, family: str, zipped: bool
    ) -> dict[str, Any]:
        return child._parse(
            {"path": path, "out": out, "family": family, "zipped": zipped, "request": asdict(request)}, limits
        )

    monkeypatch.setattr(table, "parse_in_child", parsed)


@pytest.fixture
def desk() -> Any:
    with override_settings(WEBHOOKS_MAY_STAY_INSIDE=True):
        yield linked(Tryton())


def linked(tryton: Tryton, key: str = "andina") -> Desk:
    house = access.create_organisation(
        key=key, name="Andina", country="AR", currency="USD", now=NOW, is_sandbox=False
    )
    tryton.invoice("7", "C-1", ("1000.00", DUE))
    tryton.invoice("8", "C-1", ("250.25", DUE), ("250.25", date(2026, 4, 20)))
    tryton.invoice("9", "C-2", ("300.00", date(2026, 3, 20)))
    desk = Desk(system(house.pk), tryton)
    services.set_link(actor=desk.actor, draft=draft(), now=NOW)
    return desk


def draft(**told: Any) -> services.LinkDraft:
    base = services.LinkDraft("tryton", "https://erp.example", "libros", "aldia", PASSWORD, "Tryton")
    return replace(base, **told)


@pytest.mark.covers("S2-10b")
def test_the_first_turn_brings_what_is_open_and_the_second_nothing(desk: Desk) -> None:
    assert (first := desk.turn()).new == 4 and first.is_full
    assert desk.balances() == {"7": 100_000, "8/1": 25_025, "8/2": 25_025, "9": 30_000}
    again = desk.turn()
    assert (again.new, again.changed, again.settled, again.is_full) == (0, 0, 0, False)
    assert desk.agrees()


@pytest.mark.covers("S2-10b")
def test_a_payment_here_is_written_there_once_and_counts_once(desk: Desk) -> None:
    desk.turn()
    receipt = desk.pay("7", 40_000)
    assert desk.turn().delivered == 1
    assert desk.turn().delivered == 0
    assert desk.tryton.owed()["7"] == 600
    assert len(desk.tryton.entries()) == 1
    receipt.refresh_from_db()
    assert receipt.state == "ABSORBED"
    assert desk.agrees()


def test_a_payment_there_lowers_the_debt_here(desk: Desk) -> None:
    desk.turn()
    desk.tryton.pay("7", "999.99")
    desk.turn()
    assert desk.balances()["7"] == 1
    desk.tryton.pay("7", "0.01")
    desk.turn()
    assert desk.agrees()


@pytest.mark.parametrize(
    "word", ["account.move.create", "account.move.post", "account.invoice.write", "reconcile_lines.execute"]
)
def test_an_answer_that_is_lost_pays_nothing_twice(desk: Desk, word: str) -> None:
    desk.turn()
    desk.pay("9", 30_000)
    desk.tryton.cut = word
    lost = desk.turn()
    assert lost.problem is not None and lost.problem["code"] == "no_answer"
    desk.turn()
    assert desk.tryton.owed()["9"] == 0
    assert (len(desk.tryton.entries()), desk.tryton.entries("draft")) == (1, [])
    assert desk.agrees()


def test_a_draft_whose_answer_comes_late_is_thrown_away(desk: Desk) -> None:
    desk.turn()
    receipt = desk.pay("9", 30_000)
    view = selectors.link_of(desk.actor)
    assert view is not None
    mark = f"{view.row.mark}:{receipt.pk}"
    late = {"journal": 1, "period": 1, "date": TODAY, "description": mark, "lines": [["create", []]]}
    desk.turn()
    desk.tryton._create("account.move", [late])
    desk.turn()
    assert desk.tryton.entries("draft") == []
    assert desk.agrees()


def test_paid_here_and_there_at_once_leaves_a_credit(desk: Desk) -> None:
    desk.turn()
    desk.pay("9", 30_000)
    desk.tryton.pay("9", "200")
    desk.turn()
    held = desk.balances()
    assert held.pop("9") == 0
    assert min(held.values()) == -20_000
    desk.turn(is_full=True)
    assert min(desk.balances().values()) == -20_000
    assert payment_reads.verify(desk.actor.organisation_id).ok


def test_a_reversed_receipt_is_taken_back_there(desk: Desk) -> None:
    desk.turn()
    receipt = desk.pay("7", 100_000)
    desk.turn()
    assert desk.tryton.owed()["7"] == 0
    payments.reverse_receipt(
        actor=desk.actor, receipt_id=receipt.pk, reason="rebotó", on=TODAY, clock=Clock(TODAY, desk.now)
    )
    assert desk.turn().taken_back == 1
    assert desk.turn().taken_back == 0
    assert desk.tryton.owed()["7"] == 1000
    assert desk.agrees()


def test_a_part_of_several_invoices_goes_to_each(desk: Desk) -> None:
    desk.turn()
    desk.pay("8/1", 60_000, "R", "8/2", "7")
    desk.turn()
    assert desk.tryton.owed()["8"] == 0
    assert desk.agrees()


def test_in_rehearsal_nothing_is_written_there(desk: Desk) -> None:
    desk.turn()
    desk.pay("9", 30_000)
    access.change_settings(actor=desk.actor, now=NOW, is_sandbox=True)
    desk.turn()
    assert desk.tryton.entries() == []


def test_what_tryton_refuses_waits_with_its_reason(desk: Desk) -> None:
    desk.turn()
    desk.pay("9", 30_000)
    desk.tryton.tables["account.period"].clear()
    assert desk.turn().refused == 1
    view = selectors.link_of(desk.actor)
    assert view is not None
    assert [each.problem["code"] for each in view.unsettled] == ["no_period"]
    desk.tryton.open_period()
    assert desk.turn().delivered == 1
    assert desk.agrees()


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"secret": "otra"}, "refused_by_status", "user"),
        ({"database": "no-hay"}, "refused_by_status", "database"),
    ],
)
def test_a_wrong_word_says_which_and_how_it_is_repaired(
    desk: Desk, told: dict[str, str], code: str, field: str
) -> None:
    services.set_link(actor=desk.actor, draft=draft(**told), now=NOW)
    problem = desk.turn().problem
    assert problem is not None
    assert (problem["code"], problem["field"]) == (code, field)
    assert problem["hint"]


def test_one_turn_at_a_time(desk: Desk) -> None:
    class Slow(Tryton):
        inner: Turn | None = None

        def books(self, address: Any) -> Any:
            if Slow.inner is None:
                Slow.inner = services.sync(
                    actor=desk.actor,
                    clock=Clock(TODAY, desk.now),
                    real_now=desk.now,
                    open_books=desk.tryton.books,
                )
            return desk.tryton.books(address)

    services.sync(actor=desk.actor, clock=Clock(TODAY, NOW), real_now=NOW, open_books=Slow().books)
    assert Slow.inner is not None and Slow.inner.is_busy


def test_the_key_is_sealed_and_never_shown(desk: Desk) -> None:
    view = selectors.link_of(desk.actor)
    assert view is not None
    assert PASSWORD not in view.row.secret
    assert PASSWORD not in str(view.as_data())


def test_a_portfolio_kept_here_takes_no_link(desk: Desk) -> None:
    from aldia.ledger import services as ledger

    creditor = ledger.ensure_creditor(actor=desk.actor, key="x", name="X", now=NOW, country="AR")
    ledger.ensure_portfolio(
        actor=desk.actor,
        creditor_id=creditor.pk,
        key="propia",
        name="Propia",
        currency="USD",
        now=NOW,
        authority="ALDIA",
    )
    with pytest.raises(services.LinkNotKept):
        services.set_link(actor=desk.actor, draft=draft(portfolio="Propia"), now=NOW)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("here"), st.sampled_from(["7", "8/1", "9"]), st.integers(1, 12_000)),
        st.tuples(st.just("there"), st.sampled_from(["7", "8", "9"]), st.integers(1, 9_000)),
        st.tuples(
            st.just("turn"),
            st.sampled_from(["", ".post", ".create", ".write", "get_preferences"]),
            st.booleans(),
        ),
    ),
    max_size=5,
)


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(acts=ACTS)
def test_any_order_of_payments_and_falls_ends_in_the_same_books(
    acts: list[tuple[str, str, Any]], django_db_blocker: Any
) -> None:
    from django.db import transaction

    with override_settings(WEBHOOKS_MAY_STAY_INSIDE=True), transaction.atomic():
        desk = linked(Tryton())
        desk.turn()
        for place, (kind, name, more) in enumerate(acts):
            if kind == "here":
                desk.pay(name, more, f"R-{place}")
            elif kind == "there":
                desk.tryton.pay(name, f"{more / 100:.2f}")
            else:
                desk.tryton.cut = name
                desk.turn(is_full=more)
        desk.tryton.cut = ""
        desk.turn()
        desk.turn(is_full=True)
        assert desk.agrees()
        transaction.set_rollback(True)


def test_the_clock_turns_a_link_whose_ten_minutes_have_passed(desk: Desk) -> None:
    every = timedelta(minutes=10)
    assert selectors.due_links(real_now=NOW, every=every) == [desk.actor.organisation_id]
    desk.turn()
    assert selectors.due_links(real_now=desk.now + timedelta(minutes=9), every=every) == []
    assert selectors.due_links(real_now=desk.now + every, every=every) == [desk.actor.organisation_id]
    services.set_link(actor=desk.actor, draft=draft(is_on=False), now=NOW)
    assert selectors.due_links(real_now=desk.now + every, every=every) == []
