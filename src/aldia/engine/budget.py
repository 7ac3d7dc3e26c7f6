"""One contact budget per person: which messages of a night still fit, greatest priority first.

Exactly the greedy rule (take each message in order when every cap has room), reached by rounds over whole columns:
a message surely fits when it would fit even if all undecided ones before it were taken, and surely does not when the
accepted ones before it already fill a cap. Each round decides at least the first undecided message of each person.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import polars as pl

from aldia.engine.contact_rules import DayCap, DayPolicy

_KEYS: Final = {
    "person": ("party_id",), "creditor": ("party_id", "creditor_id"), "case": ("party_id", "case_id"),
}  # fmt: skip
_COUNT = pl.Int64
Caps = list[tuple[DayCap, list[str]]]


def over_budget(
    messages: pl.DataFrame, contacts: pl.DataFrame, policies: Mapping[str, DayPolicy], *, as_of: date
) -> pl.DataFrame:
    """The messages that find no room, with the columns cap_rule and cap_max, of the first cap that stops each.

    ``messages`` (party_id, creditor_id, case_id, policy, channel) come in the order in which they are granted.
    """
    caps = _caps_of(messages, policies)
    nothing = messages.clear().with_columns(cap_rule=pl.lit(None, pl.String), cap_max=pl.lit(None, _COUNT))
    if not caps:
        return nothing
    recent = contacts.filter(pl.col("on") <= as_of)
    rows = messages.with_row_index("order").with_columns(
        accepted=pl.lit(value=False), maybe=pl.lit(value=True)
    )
    for number, (cap, policy_keys) in enumerate(caps):
        rows = _with_room(rows, recent, cap, policy_keys, number)
    found = [nothing]
    while rows.height:
        rows = _with_stops(_round(_with_orders(rows, caps), caps), caps)
        unsettled = rows.filter(pl.col("maybe") & ~pl.col("accepted")).select("party_id").unique()
        settled = rows.join(unsettled, on="party_id", how="anti") if unsettled.height else rows
        found.append(settled.filter(~pl.col("accepted")).unnest("stop").select(nothing.columns))
        rows = rows.join(unsettled, on="party_id", how="semi", maintain_order="left").drop("stop")
    return pl.concat(found)


def _round(rows: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """Accept what surely fits, then drop what surely does not."""
    fits = pl.all_horizontal(
        [
            ~pl.col(f"binds_{n}") | (_before(cap, n, "maybe") < pl.col(f"room_{n}"))
            for n, (cap, _) in enumerate(caps)
        ]
    )
    rows = rows.with_columns(accepted=pl.col("accepted") | (pl.col("maybe") & fits))
    full = pl.any_horizontal([_is_full(cap, n) for n, (cap, _) in enumerate(caps)])
    return rows.with_columns(maybe=pl.col("maybe") & (pl.col("accepted") | ~full))


def _caps_of(messages: pl.DataFrame, policies: Mapping[str, DayPolicy]) -> Caps:
    """Each different cap that may bind a message, in the order of the policies, with the policies that hold it."""
    used: dict[DayCap, list[str]] = {}
    for key in messages["policy"].unique(maintain_order=True).sort().to_list():
        for cap in policies[key].caps:
            used.setdefault(cap, []).append(key)
    return list(used.items())


def _keys(cap: DayCap) -> list[str]:
    return [*_KEYS[cap.scope], *(() if cap.is_pooled else ("channel",))]


def _with_room(
    rows: pl.DataFrame, contacts: pl.DataFrame, cap: DayCap, policy_keys: Iterable[str], number: int
) -> pl.DataFrame:
    counted = pl.col("channel").is_in(cap.channels)
    history = contacts.filter(counted & (pl.col("on") >= cap.since))
    if not cap.counts_attempts:
        history = history.filter(pl.col("is_contact"))
    rows = _with_used(rows, history, cap)
    return rows.with_columns(
        counted.alias(f"counts_{number}"),
        (counted & pl.col("policy").is_in(list(policy_keys))).alias(f"binds_{number}"),
        (cap.maximum - pl.col("used")).alias(f"room_{number}"),
    ).drop("used")


def _with_used(rows: pl.DataFrame, history: pl.DataFrame, cap: DayCap) -> pl.DataFrame:
    """The history of the cap's scope; what names no creditor or case counts for all of the person's."""
    if history.is_empty():
        return rows.with_columns(used=pl.lit(0, _COUNT))
    keys = _keys(cap)
    narrow = _KEYS[cap.scope][-1]
    own = history.group_by(keys).agg(pl.len().cast(_COUNT).alias("used"))
    rows = rows.join(own, on=keys, how="left", maintain_order="left")
    if narrow != "party_id":
        wide_keys = [key for key in keys if key != narrow]
        wide = (
            history.filter(pl.col(narrow).is_null())
            .group_by(wide_keys)
            .agg(pl.len().cast(_COUNT).alias("wide"))
        )
        rows = rows.join(wide, on=wide_keys, how="left", maintain_order="left")
        return rows.with_columns(used=pl.col("used").fill_null(0) + pl.col("wide").fill_null(0)).drop("wide")
    return rows.with_columns(used=pl.col("used").fill_null(0))


def _scope_name(cap: DayCap) -> str:
    return "_".join(_keys(cap))


def _with_orders(rows: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """For each scope: the permutation that brings its rows together in order, the way back, and where each begins.

    Sorting once per scope makes every later count a running sum: grouping by hash for each count took ten times longer.
    """
    for scope, keys in {_scope_name(cap): _keys(cap) for cap, _ in caps}.items():
        there = pl.arg_sort_by([*keys, "order"]).alias(f"there_{scope}")
        rows = rows.with_columns(there).with_columns(
            pl.col(f"there_{scope}").arg_sort().alias(f"back_{scope}")
        )
        together = [pl.col(key).gather(pl.col(f"there_{scope}")) for key in keys]
        begins = pl.any_horizontal([column.ne_missing(column.shift(1)) for column in together])
        rows = rows.with_columns((begins | (pl.int_range(pl.len()) == 0)).alias(f"begins_{scope}"))
    return rows


def _before(cap: DayCap, number: int, which: str) -> pl.Expr:
    """How many messages of the scope before this one are ``which`` and count."""
    scope = _scope_name(cap)
    hit = (pl.col(which) & pl.col(f"counts_{number}")).cast(_COUNT).gather(pl.col(f"there_{scope}"))
    earlier = hit.cum_sum() - hit
    at_begin = pl.when(pl.col(f"begins_{scope}")).then(earlier).forward_fill()
    return (earlier - at_begin).gather(pl.col(f"back_{scope}"))


def _is_full(cap: DayCap, number: int) -> pl.Expr:
    return pl.col(f"binds_{number}") & (_before(cap, number, "accepted") >= pl.col(f"room_{number}"))


def _with_stops(rows: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """The first cap that the accepted messages before a row fill; final for the people whose rows are all decided."""
    stops = [
        pl.when(_is_full(cap, n)).then(
            pl.struct(cap_rule=pl.lit(cap.rule), cap_max=pl.lit(cap.maximum, _COUNT))
        )
        for n, (cap, _) in enumerate(caps)
    ]
    return rows.with_columns(pl.coalesce(stops).alias("stop"))
