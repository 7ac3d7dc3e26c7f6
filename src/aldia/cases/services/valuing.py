"""What a minute of work on each case is worth, as a room above reckons it every night: lists are ordered by it."""

from __future__ import annotations

import polars as pl
from django.db import transaction

from aldia.access.actors import Actor
from aldia.cases.models import Case
from aldia.db.frames import read_queryset, slices, update_from_frame


def keep_worth(*, actor: Actor, worth: pl.DataFrame) -> pl.DataFrame:
    """Keep (case_id, worth_minor), in minor units of the case's currency; a case that is not there is worth nothing.

    Only what changed is written, in short transactions. Return (case_id, worth_minor) of it.
    """
    schema = {"account_id": pl.Int64, "worth_minor": pl.Int64}
    before = read_queryset(Case.objects.of(actor.organisation_id).filter(is_open=True), schema)
    after = before.join(worth.select(account_id="case_id", now="worth_minor"), on="account_id", how="left")
    moved = after.with_columns(pl.col("now").fill_null(0)).filter(pl.col("now") != pl.col("worth_minor"))
    changed = moved.select("account_id", worth_minor="now")
    for part in slices(changed):
        with transaction.atomic():
            update_from_frame(Case, part, key="account_id", columns=["worth_minor"])
    return changed.rename({"account_id": "case_id"})
