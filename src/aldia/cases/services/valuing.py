"""What a minute of work on each case is worth, as a room above reckons it every night: lists are ordered by it."""

from __future__ import annotations

import polars as pl

from aldia.access.actors import Actor
from aldia.cases.models import Case
from aldia.db.frames import Changes, read_queryset
from aldia.db.pace import turns
from aldia.db.partitions import Partition, of_people


def keep_worth(*, actor: Actor, worth: pl.DataFrame, partition: Partition) -> int:
    """Keep (case_id, worth_minor) of a partition, in minor units of the case's currency; a case that is not there is worth nothing.

    Only what changed is written, in short transactions. Return how many cases that is.
    """
    schema = {"account_id": pl.Int64, "worth_minor": pl.Int64}
    mine = Case.objects.of(actor.organisation_id).filter(of_people("party", partition), is_open=True)
    before = read_queryset(mine, schema)
    after = before.join(worth.select(account_id="case_id", now="worth_minor"), on="account_id", how="left")
    moved = after.with_columns(pl.col("now").fill_null(0)).filter(pl.col("now") != pl.col("worth_minor"))
    changed = moved.select("account_id", worth_minor="now")
    changes = Changes(Case, changed, key="account_id", columns=["worth_minor"])
    return sum(changes.write(begin, length) for begin, length in turns(changed.height))
