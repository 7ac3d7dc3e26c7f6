"""Names for money that is already here, so that what tells it a second time is no new money."""

from collections.abc import Sequence

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.payments.models import ReceiptName


def name_receipts(
    *, actor: Actor, source: str, names: Sequence[tuple[str, int, int]], load_id: int | None = None
) -> int:
    """Keep that `source` calls receipts so: (reference, receipt, minor units of it); return how many. Call it where they were judged."""
    actor.check(Permission.LOAD_FILES)
    rows = [
        ReceiptName(
            organisation_id=actor.organisation_id, receipt_id=receipt_id, source=source, reference=reference[:120],
            amount_minor=minor, load_id=load_id,
        )
        for reference, receipt_id, minor in names
    ]  # fmt: skip
    return len(ReceiptName.objects.bulk_create(rows, ignore_conflicts=True))


def forget_names(*, actor: Actor, load_id: int) -> int:
    """Drop the names that a load gave, since it is undone; return how many."""
    actor.check(Permission.LOAD_FILES)
    count, _by_model = ReceiptName.objects.of(actor.organisation_id).filter(load_id=load_id).delete()
    return count
