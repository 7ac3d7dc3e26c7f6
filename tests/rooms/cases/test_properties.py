"""For any documents and payments: figures equal a plain recomputation, the same again changes nothing, the roll-up adds up."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.cases import selectors
from aldia.cases.models import CaseBalance
from aldia.cases.points import points_of
from aldia.domain.ageing import DEFAULT_BUCKETS, OpenDocument, age
from aldia.ledger import selectors as ledger
from tests.rooms.cases.conftest import TODAY, Room, make_room

DOCUMENT = st.tuples(
    st.sampled_from(["ana", "beto", "cora"]),
    st.integers(-50_000, 400_000).filter(bool),
    st.integers(-40, 130),
    st.sampled_from(["USD", "USD", "CLP"]),
    st.integers(0, 3),
)


@settings(max_examples=20)
@given(
    documents=st.lists(DOCUMENT, min_size=1, max_size=8),
    days=st.lists(st.integers(0, 60), min_size=1, max_size=3),
)
def test_figures_equal_a_plain_recomputation(
    db: None, documents: list[tuple[str, int, int, str, int]], days: list[int]
) -> None:
    room = make_room(f"p{_next()}")
    for who, minor, late, currency, quarters in documents:
        key = room.owes(who, minor, days_late=late, currency=currency)
        if quarters and minor > 3:
            room.pays(who, key, minor * quarters // 3, currency=currency)
    for day in sorted(days):
        as_of = TODAY + timedelta(days=day)
        room.refresh(as_of)
        assert room.refresh(as_of).changed == 0
        for who in room.clients:
            _check(room, who, as_of)
    assert selectors.totals_drift(room.organisation.pk) == []
    assert selectors.neglected(room.organisation.pk) == []


_made = iter(range(10_000))


def _next() -> int:
    return next(_made)


def _check(room: Room, who: str, as_of: date) -> None:
    """Row by row, by the domain's own ageing over what the ledger shows."""
    case = room.case(who)
    lines = ledger.documents(room.system, case_id=case.pk, as_of=as_of, is_open=True)
    plain = age(
        [OpenDocument(line.issued_on, line.due_on, line.open_minor, line.currency) for line in lines], as_of
    )
    stored = {row.currency: row for row in CaseBalance.objects.of(room.organisation).filter(case_id=case.pk)}
    for currency in {*stored, *plain.cells}:
        row = stored[currency]
        for number, key in enumerate(DEFAULT_BUCKETS.keys):
            cell = plain.cell(currency, key)
            assert (getattr(row, f"documents_{number}"), getattr(row, f"open_{number}_minor")) == (
                cell.documents,
                cell.open_minor,
            )
        assert row.total_minor == plain.total(currency).open_minor
        assert row.overdue_minor == plain.past_due(currency).open_minor
    late = [
        line.due_on
        for line in lines
        if line.due_on < as_of and line.open_minor > 0 and plain.past_due(line.currency).open_minor > 0
    ]
    assert case.oldest_due_on == min(late, default=None)
    assert case.is_open == bool(lines)
    assert (case.arrears_since_on is not None) == bool(late)
    assert case.overdue_documents == len(late)
    assert case.priority == points_of(case, as_of).score
