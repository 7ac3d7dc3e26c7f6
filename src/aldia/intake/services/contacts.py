"""Takes a file of contacts: who the customers of a source are and how to reach them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.intake.checking.held import with_customer_id
from aldia.intake.requests import MOST_PROBLEMS, LoadRequest, LoadResult
from aldia.intake.services.checked import check_file
from aldia.intake.services.people import know_people, record_wishes
from aldia.intake.services.places import Places, key_of, places_of


def load_contacts(
    *, actor: Actor, path: Path, request: LoadRequest, clock: Clock, is_dry_run: bool = False
) -> LoadResult:
    """Return what the file of contacts brought: customers new, changed, the same; rejected rows with their reasons.

    Raises the named refusals of readers, mapping and checking.
    """
    actor.check(Permission.LOAD_FILES)
    asked = LoadRequest(
        kind="contacts", portfolio=request.portfolio, country=request.country, as_of=request.as_of,
        currency=request.currency, mapping=request.mapping if request.kind == "contacts" else None,
    )  # fmt: skip
    places = places_of(actor=actor, request=asked)
    checked = check_file(actor, path, asked, places)
    with transaction.atomic():
        counts = _take(actor, path, places, key_of(request.portfolio), checked.good.whole(), clock)
        if is_dry_run:
            transaction.set_rollback(True)
    return LoadResult(
        rows=checked.rows,
        new=counts[0],
        changed=counts[1],
        same=counts[2],
        rejected=checked.rejected,
        receipts=0,
        problems=checked.problems(MOST_PROBLEMS)
        .select("row", "field", "found", "expected", "hint", "code", "severity")
        .to_dicts(),
        problems_total=checked.problems_total,
    )


def _take(
    actor: Actor, path: Path, places: Places, portfolio_key: str, rows: pl.DataFrame, clock: Clock
) -> tuple[int, int, int]:
    """Know the people of the rows; return how many were new, changed, the same."""
    if rows.is_empty():
        return 0, 0, 0
    source = places.source.key if places.source else portfolio_key
    good = with_customer_id(rows)
    known = know_people(actor=actor, source=source, good=good, country=places.country, kind=None, clock=clock)
    record_wishes(
        actor=actor, creditor_id=places.portfolio.creditor_id if places.portfolio else None, good=good,
        people=known.parties, source=f"{path.name[:20]} {source[:20]}", clock=clock,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="intake.contacts.load", object_type="organisation", object_id=actor.organisation_id, now=clock.now,
        data={"new": known.new, "changed": known.changed, "points": known.points},
    )  # fmt: skip
    return known.new, known.changed, known.same
