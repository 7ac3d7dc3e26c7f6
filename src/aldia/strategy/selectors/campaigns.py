"""The campaigns of an organisation: the steps of its strategies by name, and what its nights decided not to write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from aldia.db.frames import read_queryset
from aldia.domain.labels import base_language
from aldia.strategy.models import Decision, Strategy, StrategyVersion
from aldia.strategy.night.in_use import read_version


def campaign_names(organisation_id: int, *, language: str) -> dict[str, tuple[int, str, str]]:
    """Return `strategy:step` -> (id of the strategy, its name, the step's name) of the newest version that has the step."""
    strategies = {row.pk: row for row in Strategy.objects.of(organisation_id)}
    named: dict[str, tuple[int, str, str]] = {}
    for version in (
        StrategyVersion.objects.of(organisation_id).filter(strategy_id__in=strategies).order_by("number")
    ):
        row = strategies[version.strategy_id]
        value, spoken = read_version(version), base_language(language)
        for step in value.steps:
            named[f"{row.key}:{step.key}"] = (row.pk, value.name.of(spoken), step.name.of(spoken))
    return named


def unwritten(organisation_id: int, runs: Sequence[tuple[int, date]]) -> pl.DataFrame:
    """Return the notices that some nights (id, day) withheld or missed: case_id, campaign, channel, state, reason, as_of.

    A withheld act is kept on the night when it begins, or its reason changes: it is counted then, not again each night.
    """
    rows = Decision.objects.of(organisation_id).filter(
        run_id__in=[run_id for run_id, _on in runs], on__in={on for _run_id, on in runs}, action="notice",
        state__in=("withheld", "missed"),
    )  # fmt: skip
    found = read_queryset(
        rows,
        {
            "case_id": pl.Int64, "strategy_key": pl.String, "step": pl.String, "channel": pl.String, "state": pl.String,
            "reason": pl.String, "on": pl.Date,
        },
    )  # fmt: skip
    campaign = pl.concat_str("strategy_key", "step", separator=":")
    return found.select("case_id", "channel", "state", "reason", campaign=campaign, as_of="on")


def decisions_of(organisation_id: int, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what the strategies decided about some cases, oldest first: taken, withheld or missed, with the reason."""
    rows = Decision.objects.of(organisation_id).filter(case_id__in=case_ids).order_by("on", "id")
    return list(
        rows.values(
            "case_id", "on", "strategy_key", "version", "step", "action", "channel", "state", "reason", "reason_args", "act"
        )
    )  # fmt: skip
