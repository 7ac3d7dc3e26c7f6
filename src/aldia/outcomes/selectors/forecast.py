"""What clients said they will pay, day by day: the honest part of a forecast of cash."""

from datetime import date, timedelta

from django.db.models import F, Sum

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.outcomes.models import Promise, PromiseState


def promised_minor(
    actor: Actor, *, currency: str, from_on: date, days: int, portfolio_ids: frozenset[int] | None = None
) -> dict[date, int]:
    """Return what the open promises of the cases that the actor sees still bring on each of `days` days, in minor units."""
    rows = cases.of_seen_cases(actor, Promise.objects.of(actor.organisation_id)).filter(
        state=PromiseState.OPEN,
        currency=currency,
        due_on__gte=from_on,
        due_on__lt=from_on + timedelta(days=days),
    )
    if portfolio_ids is not None:
        rows = rows.filter(case__portfolio_id__in=portfolio_ids)
    by_day = (
        rows.order_by("due_on").values_list("due_on").annotate(rest=Sum(F("amount_minor") - F("kept_minor")))
    )
    return {on: rest for on, rest in by_day if rest > 0}
