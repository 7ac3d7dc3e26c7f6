"""Receipts in sets: the same as one by one, once, effective on their dates; loads are undone whole."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.allocation import OrderKind
from aldia.ledger import facts as ledger_facts
from aldia.payments import facts, selectors
from aldia.payments import services as payments
from aldia.payments.models import Receipt
from aldia.payments.services.bulk import Registered
from tests.rooms.payments.conftest import TODAY, Desk, make_desk


def register(desk: Desk, rows: list[dict[str, object]], **options: object) -> Registered:
    frame = pl.DataFrame(
        [{"account_id": desk.account.pk, "currency": "USD", "on": TODAY, **row} for row in rows]
    )
    told = {"portfolio_id": desk.book.portfolio.pk, "source": "file", **options}
    return payments.register_frame(
        actor=desk.book.actor,
        told=payments.ReceiptSet(receipts=frame, **told),  # type: ignore[arg-type]
        clock=desk.clock,
    )


def whole(desk: Desk) -> bool:
    report = selectors.verify(desk.organisation_id)
    assert report.ok, report.differences
    return True


def test_a_settlement_column_is_effective_on_its_date_even_in_the_future(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    paid_on = date(2026, 3, 20)
    done = register(
        desk, [{"amount_minor": 3_000, "on": paid_on, "reference": "S1", "document_id": document.pk}]
    )
    assert (done.new, done.same, done.applied_minor) == (1, 0, {"USD": 3_000})
    days = [TODAY, date(2026, 3, 19), paid_on]
    open_minor = [
        ledger_facts.document_frame(desk.organisation_id, as_of=day)["open_minor"].sum() for day in days
    ]
    assert open_minor == [3_000, 3_000, 0]
    assert desk.pay(500).unapplied_minor == 500  # what is settled later is not covered twice
    assert whole(desk)


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    rows: list[dict[str, object]] = [
        {"amount_minor": 1_000, "reference": "S1", "document_id": document.pk},
        {"amount_minor": 500, "reference": "S2", "document_id": None},
    ]
    register(desk, rows)
    again = register(desk, [*rows, {"amount_minor": 1, "reference": "S3", "document_id": None}])
    assert (again.new, again.same) == (1, 2)
    assert desk.balances(document) == [1_499]
    assert whole(desk)


def test_unidentified_over_and_foreign_money_waits(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    register(
        desk,
        [
            {"account_id": None, "amount_minor": 700, "reference": "U", "document_id": None},
            {
                "account_id": desk.account.pk,
                "amount_minor": 5_000,
                "reference": "O",
                "document_id": document.pk,
            },
            {
                "account_id": desk.account.pk,
                "amount_minor": 900,
                "reference": "F",
                "document_id": None,
                "currency": "ARS",
            },
        ],
    )
    waiting = {row.reference: row.unapplied_minor for row in selectors.unapplied(desk.book.actor)}
    assert waiting == {"U": 700, "O": 2_000, "F": 900}
    assert whole(desk)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (
            [{"amount_minor": 1, "reference": "A"}, {"amount_minor": 2, "reference": "A"}],
            payments.DuplicateReference,
        ),
        ([{"amount_minor": 0, "reference": "A"}], payments.BadReceipt),
        ([{"amount_minor": 1}], payments.UnknownColumn),
    ],
)
def test_frames_that_cannot_be_are_refused_whole(
    desk: Desk, rows: list[dict[str, object]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        register(desk, rows)
    assert facts.receipt_frame(desk.organisation_id).is_empty()


def test_a_load_is_undone_whole_and_may_come_again(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    rows: list[dict[str, object]] = [
        {"amount_minor": 2_000, "reference": "S1"},
        {"amount_minor": 4_000, "reference": "S2"},
    ]
    register(desk, rows, load_id=7)
    assert payments.reverse_load(actor=desk.book.actor, load_id=7, clock=desk.clock) == 2
    assert payments.reverse_load(actor=desk.book.actor, load_id=7, clock=desk.clock) == 0
    assert desk.balances(document) == [3_000]
    assert whole(desk)
    assert register(desk, rows, load_id=8).new == 2
    assert desk.balances(document) == [0]
    assert whole(desk)


AMOUNTS = st.lists(st.integers(1, 3_000), min_size=1, max_size=6)


@given(
    debts=AMOUNTS,
    money=AMOUNTS,
    kind=st.sampled_from([OrderKind.OLDEST_FIRST, OrderKind.PROPORTIONAL]),
    nets=st.booleans(),
)
@settings(max_examples=15)
def test_a_frame_registers_what_single_receipts_register(
    db: None, debts: list[int], money: list[int], kind: OrderKind, nets: bool
) -> None:
    count = Receipt.objects.across_organisations().count()
    order = {"kind": kind.value, "nets_credits": nets}
    one = make_desk(f"one-{count}-{len(debts)}-{id(debts)}", allocation=order)
    many = make_desk(f"many-{count}-{len(debts)}-{id(debts)}", allocation=order)
    charged = []
    for desk in (one, many):
        charged.append([desk.book.charge(minor, due=f"2026-02-{n + 1:02}") for n, minor in enumerate(debts)])
        charged[-1].append(desk.book.charge(-500, kind="credit_note"))
    for n, minor in enumerate(money):
        one.pay(minor, reference=f"R{n}", source="file")
    register(many, [{"amount_minor": minor, "reference": f"R{n}"} for n, minor in enumerate(money)])
    assert one.balances(*charged[0]) == many.balances(*charged[1])
    rows = [
        facts.receipt_frame(desk.organisation_id).select("reference", "amount_minor", "unapplied_minor")
        for desk in (one, many)
    ]
    assert rows[0].equals(rows[1])
    assert whole(many)
