"""How often each channel reached each person, and the first channel to try by it: the twins of ``domain.reach`` over columns."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from aldia.domain.reach import ANSWERS_WITHIN, IN_PERSON, LEAST_TRIES
from aldia.engine.contact_rules import CHANNELS

HISTORY_DAYS: Final = 365
"""How far back the tries count."""
TOUCHES: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "party_id": pl.Int64, "channel": pl.String, "at": pl.Datetime("us", "UTC"), "is_inbound": pl.Boolean, "is_right_party": pl.Boolean,
}  # fmt: skip


def columns_of(channels: Sequence[str]) -> set[str]:
    """The facts that say how these channels reached a person."""
    return {f"{way}_{name}" for way in ("tries", "reached") for name in channels}


REACH_FACTS: Final = frozenset(columns_of(CHANNELS))


def tallies(touches: pl.DataFrame) -> pl.DataFrame:
    """A row for each person in ``touches``: party_id, and tries_<channel> and reached_<channel> of every channel.

    The same as ``domain.reach.tallies`` of each person: a reply counts for the latest try by its channel, if in time.
    """
    own = ["party_id", "channel"]
    in_order = touches.sort(*own, "at", "is_inbound", "is_right_party").with_columns(
        number=(~pl.col("is_inbound")).cast(pl.Int64).cum_sum().over(own)
    )
    is_reply = pl.col("is_inbound") & (pl.col("at") - pl.col("at").first() <= ANSWERS_WITHIN)
    is_reply &= ~pl.col("channel").is_in(sorted(IN_PERSON))
    tries = (
        in_order.filter(pl.col("number") > 0)
        .group_by(*own, "number", maintain_order=True)
        .agg(is_reached=pl.col("is_right_party").first() | is_reply.any())
    )
    return tries.group_by("party_id").agg(
        told
        for name in CHANNELS
        for is_mine in [pl.col("channel") == name]
        for told in (
            is_mine.sum().cast(pl.Int64).alias(f"tries_{name}"),
            (is_mine & pl.col("is_reached")).sum().cast(pl.Int64).alias(f"reached_{name}"),
        )
    )


def first_by_reach(eligible: Mapping[str, pl.Expr]) -> pl.Expr:
    """The channel, among those whose expression is true, that reached the person best; null while none has history enough.

    Shares are compared as floats: of counts this small, equal fractions are equal floats and different ones differ.
    """
    shares = {
        name: pl.when(may & (pl.col(f"tries_{name}") >= LEAST_TRIES) & (pl.col(f"reached_{name}") > 0)).then(
            pl.col(f"reached_{name}") / pl.col(f"tries_{name}")
        )
        for name, may in eligible.items()
    }
    best = pl.max_horizontal(*shares.values())
    return pl.coalesce(pl.when(share == best).then(pl.lit(name)) for name, share in shares.items())
