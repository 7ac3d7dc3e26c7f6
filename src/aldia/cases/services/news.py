"""What happened in a case today, told to the floors above: money, a result, a reply, a notice that did not arrive."""

from collections.abc import Collection
from typing import Final

from aldia.access.actors import Actor
from aldia.cases.models import CaseNews

FEW: Final = 500
"""More cases than these at once are a file: they wait for the night."""


def note_news(*, actor: Actor, case_ids: Collection[int]) -> None:
    """Note that something happened in these cases. Call it inside the transaction of what happened."""
    if len(case_ids) <= FEW:
        rows = (
            CaseNews(organisation_id=actor.organisation_id, case_id=case_id) for case_id in sorted(case_ids)
        )
        CaseNews.objects.bulk_create(rows)


def forget_news(*, actor: Actor, up_to: int, case_ids: Collection[int] | None = None) -> None:
    """Take away the news up to a key: of these cases, or all of them."""
    rows = CaseNews.objects.of(actor.organisation_id).filter(pk__lte=up_to)
    (rows if case_ids is None else rows.filter(case_id__in=case_ids)).delete()
