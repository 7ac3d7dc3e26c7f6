"""The arm of each person in the experiment that runs on a day: a stable hash, so nothing is stored."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from django.db.models import Q

from aldia.db.prepared import prepared
from aldia.domain.experiments import arm_of
from aldia.strategy.models import Experiment

if TYPE_CHECKING:
    from django.db.models import QuerySet


def running(organisation_id: int, on: date) -> Experiment | None:
    """Return the experiment that runs on a day, if any."""
    return next(iter(_running(organisation_id, on)), None)


@prepared
def _running(organisation_id: int, on: date) -> QuerySet[Experiment]:
    still = Q(stopped_on=None) | Q(stopped_on__gt=on)
    rows: QuerySet[Experiment] = Experiment.objects.of(organisation_id).filter(still, starts_on__lte=on)
    return rows.order_by("-id")


def arm_on(organisation_id: int, party_id: int, on: date) -> str | None:
    """Return a person's arm in the experiment of a day; None where none runs."""
    row = running(organisation_id, on)
    return arm_of(row.key, party_id, row.shares) if row else None


def with_arms(organisation_id: int, people: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return the people with `experiment_arm`: empty where no experiment runs."""
    row = running(organisation_id, as_of)
    if row is None:
        return people.with_columns(experiment_arm=pl.lit(None, pl.String))
    parties = people["party_id"].unique().to_list()
    arms = [arm_of(row.key, party_id, row.shares) for party_id in parties]
    told = pl.DataFrame(
        {"party_id": parties, "experiment_arm": arms},
        schema={"party_id": pl.Int64, "experiment_arm": pl.String},
    )
    return people.join(told, on="party_id", how="left", maintain_order="left")
