"""What tells cases apart, of the open and the closed: for figures that are cut by it."""

from typing import Any, Final

import polars as pl

from aldia.db.frames import read_frame
from aldia.db.memory import remembered
from aldia.db.partitions import Partition, within

TRAITS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "portfolio_id": pl.Int64, "stage": pl.String, "stage_since_on": pl.Date, "holder_id": pl.Int64, "team_id": pl.Int64,
    "country": pl.String, "region": pl.String, "party_kind": pl.String, "currency": pl.String, "overdue_minor": pl.Int64,
}  # fmt: skip


@remembered
def trait_frame(organisation_id: int, partition: Partition | None = None) -> pl.DataFrame:
    """Return one row a case, columns as TRAITS; what is not known is an empty text. `overdue_minor` in the case's currency."""
    mine, people = within("c.party_id", partition)
    sql = f"""
        SELECT c.account_id, c.portfolio_id, c.stage, c.stage_since_on, c.holder_id, c.team_id, p.country, p.region, p.kind, c.currency,
               CASE WHEN c.is_open THEN c.overdue_minor ELSE 0 END
        FROM cases_case AS c JOIN parties_party AS p ON p.id = c.party_id WHERE c.organisation_id = %s{mine}
    """
    return read_frame(sql, [organisation_id, *people], TRAITS)
