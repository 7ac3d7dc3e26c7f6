"""Allocation: every minor unit is conserved and no item gets more than it has open."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.allocation import (
    AllocationError,
    AllocationOrder,
    Allocations,
    MoreThanOpen,
    MoreThanReceipt,
    OpenItem,
    OrderKind,
    Share,
    UnknownDocument,
    allocate,
)
from aldia.domain.money import CurrencyMismatch

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
A = OpenItem("A", 100, JAN)
A_INTEREST = OpenItem("A", 20, JAN, "late_interest")
B = OpenItem("B", 100, FEB)
B_INTEREST = OpenItem("B", 10, FEB, "late_interest")
CREDIT = OpenItem("NC", -40, JAN)
ITEMS = (B, A, B_INTEREST, A_INTEREST)
INTEREST_FIRST = ("late_interest", "principal")


def given_to(result: Allocations) -> list[tuple[str, str, int]]:
    return [(item.document, item.component, item.minor) for item in result.items]


def test_the_oldest_document_is_paid_first_and_its_components_in_order() -> None:
    result = allocate(150, ITEMS, AllocationOrder(components=INTEREST_FIRST))
    assert given_to(result) == [
        ("A", "late_interest", 20),
        ("A", "principal", 100),
        ("B", "late_interest", 10),
        ("B", "principal", 20),
    ]
    assert result.unapplied_minor == 0


def test_a_component_that_is_not_listed_comes_last_by_name() -> None:
    order = AllocationOrder(OrderKind.BY_COMPONENT, ("tax", "late_interest"))
    items = [
        OpenItem("A", 10, JAN, component) for component in ("fees", "penalty", "late_interest", "tax", "aid")
    ]
    assert [component for _document, component, _minor in given_to(allocate(50, items, order))] == [
        "tax", "late_interest", "aid", "fees", "penalty",
    ]  # fmt: skip


def test_the_last_minor_unit_is_given_too() -> None:
    assert allocate(101, (A, B), AllocationOrder()).by_document() == {"A": 100, "B": 1}
    assert allocate(1, (replace(A, open_minor=1),), AllocationOrder()).by_document() == {"A": 1}


def test_by_component_goes_across_documents() -> None:
    result = allocate(50, ITEMS, AllocationOrder(OrderKind.BY_COMPONENT, INTEREST_FIRST))
    assert given_to(result) == [
        ("A", "late_interest", 20),
        ("B", "late_interest", 10),
        ("A", "principal", 20),
    ]


def test_proportional_shares_by_what_is_open() -> None:
    result = allocate(101, (A, replace(B, open_minor=300)), AllocationOrder(OrderKind.PROPORTIONAL))
    assert result.by_document() == {"A": 25, "B": 76}


def test_explicit_documents_take_the_money_in_their_order() -> None:
    result = allocate(150, ITEMS, AllocationOrder.to_documents(["B"]))
    assert result.by_document() == {"B": 110}
    assert result.unapplied_minor == 40


def test_explicit_amounts_are_obeyed() -> None:
    order = AllocationOrder(OrderKind.EXPLICIT, shares=(Share("B", 30), Share("A")))
    assert allocate(60, ITEMS, order).by_document() == {"B": 30, "A": 30}


@pytest.mark.parametrize("minor", [1, 110])
def test_an_explicit_share_goes_from_one_minor_unit_to_all_that_is_open(minor: int) -> None:
    order = AllocationOrder(OrderKind.EXPLICIT, shares=(Share("B", minor),))
    assert allocate(150, ITEMS, order).by_document() == {"B": minor}


@pytest.mark.parametrize(
    ("shares", "refusal", "says"),
    [
        ((Share("B", 111),), MoreThanOpen, "'B' takes 1 to 110, found 111"),
        ((Share("B", 0),), MoreThanOpen, "found 0"),
        ((Share("C"),), UnknownDocument, "'C' has nothing open"),
        ((Share("A", 100), Share("B", 100)), MoreThanReceipt, "add up to 200, the receipt has 150"),
        ((Share("A"), Share("A")), AllocationError, "^a document is named twice in an explicit allocation$"),
    ],
)
def test_explicit_orders_that_cannot_be_obeyed_are_refused(
    shares: tuple[Share, ...], refusal: type[Exception], says: str
) -> None:
    with pytest.raises(refusal, match=says):
        allocate(150, ITEMS, AllocationOrder(OrderKind.EXPLICIT, shares=shares))


def test_credit_notes_are_netted_only_when_asked() -> None:
    assert allocate(70, (A, CREDIT), AllocationOrder()).by_document() == {"A": 70}
    netted = allocate(70, (A, CREDIT), AllocationOrder(nets_credits=True))
    assert netted.by_document() == {"NC": -40, "A": 100}
    assert netted.unapplied_minor == 10


def test_a_negative_receipt_and_mixed_currencies_are_refused() -> None:
    with pytest.raises(AllocationError, match="0 or more, found -1"):
        allocate(-1, ITEMS, AllocationOrder())
    with pytest.raises(CurrencyMismatch, match="cannot combine CLP with USD"):
        allocate(1, (replace(A, currency="USD"), replace(B, currency="CLP")), AllocationOrder())


@st.composite
def items_and_order(draw: st.DrawFn) -> tuple[list[OpenItem], AllocationOrder]:
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["principal", "fees", "tax"])),
            unique=True,
            max_size=12,
        )
    )
    dates = st.dates(JAN, FEB)
    items = [
        OpenItem(document, draw(st.integers(-500, 1000)), draw(dates), component)
        for document, component in keys
    ]
    kind = draw(st.sampled_from(list(OrderKind)))
    components = tuple(draw(st.permutations(["principal", "fees", "other"])))
    payable = sorted({item.document for item in items if item.open_minor > 0})
    shares = tuple(Share(document) for document in payable) if kind is OrderKind.EXPLICIT else ()
    return items, AllocationOrder(kind, components, shares, nets_credits=draw(st.booleans()))


@given(st.integers(0, 5000), items_and_order())
def test_allocation_conserves_and_never_exceeds(
    receipt: int, case: tuple[list[OpenItem], AllocationOrder]
) -> None:
    items, order = case
    result = allocate(receipt, items, order)
    assert result.applied_minor + result.unapplied_minor == receipt
    assert result.unapplied_minor >= 0
    room = {(item.document, item.component): item.open_minor for item in items}
    for item in result.items:
        open_minor = room[item.document, item.component]
        assert 0 < item.minor <= open_minor or open_minor <= item.minor < 0
    paid_all = all(
        room[key] == sum(i.minor for i in result.items if (i.document, i.component) == key)
        for key in room
        if room[key] > 0
    )
    assert paid_all or result.unapplied_minor == 0


@given(st.integers(0, 5000), items_and_order())
def test_the_order_of_the_list_does_not_matter(
    receipt: int, case: tuple[list[OpenItem], AllocationOrder]
) -> None:
    items, order = case
    assert allocate(receipt, items, order) == allocate(receipt, items[::-1], order)
