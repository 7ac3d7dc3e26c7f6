"""What people read of a receipt is what somebody wrote, not what tells one from another inside."""

import pytest

from aldia.payments.models import Receipt


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("TRX-7788", "TRX-7788"), ("OP: 123", "OP: 123"), ("promissory_note:PA-0001", "PA-0001"), ("cheque:000123", "000123"),
        ("instalment:P-9#2026-02-14", "P-9"), ("2026-03-01|10000|C1|0", ""),
    ],
)  # fmt: skip
def test_a_reference_is_shown_as_it_was_written(kept: str, said: str) -> None:
    assert Receipt(reference=kept).said == said
