"""Schedules of many loans at once: the vectorised twin of `domain.loans.schedules.schedule`, equal to the last minor unit.

Period after period over whole columns, in whole numbers; the level instalment alone is found with floats, and computed again exactly
wherever a float cannot tell to which side it rounds.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import polars as pl

from aldia.domain.loans.rounding import RoundTo
from aldia.domain.loans.schedules import Method, Rounding, level_instalment

LOANS: Final[dict[str, Any]] = {
    "loan": pl.Int64,
    "principal_minor": pl.Int64,
    "count": pl.Int32,
    "method": pl.String,  # simple, french, german, american
    "factor_top": pl.Int64,  # interest of a period = balance x top / bottom; a list where the periods differ
    "factor_bottom": pl.Int64,
    "balloon_minor": pl.Int64,
    "interest_only": pl.Int32,  # first periods without principal
}
LINES: Final = ("loan", "number", "principal_minor", "interest_minor", "balance_minor")
METHODS: Final = (Method.SIMPLE, Method.FRENCH, Method.GERMAN, Method.AMERICAN)
DOUBT: Final = 1e-9  # of the instalment, and one ten-thousandth of a minor unit: nearer to a boundary than this a float is not trusted
BIG: Final = pl.Int128
TO_THE_CENT: Final = Rounding()


class BadLoans(ValueError):
    """The frame of loans lacks a column, or holds terms that make no schedule."""


def schedule_pieces(
    loans: pl.DataFrame, rounding: Rounding = TO_THE_CENT, piece: int = 100_000
) -> Iterator[pl.DataFrame]:
    """The lines of so many loans at a time, so that memory is bounded by the piece. Raises BadLoans."""
    for piece_of_loans in loans.iter_slices(piece):
        yield schedule_frame(piece_of_loans, rounding)


def schedule_frame(loans: pl.DataFrame, rounding: Rounding = TO_THE_CENT) -> pl.DataFrame:
    """One line per loan and instalment, with the columns of `LINES`, by number, then as the loans came. Raises BadLoans."""
    _check(loans)
    state = _opened(loans, rounding)
    lines = []
    for number in range(1, _longest(state) + 1):
        state = state.filter(pl.col("count") >= number)
        state = _step(state, number, rounding)
        lines.append(state.select("loan", pl.lit(number, pl.Int32).alias("number"), *LINES[2:]))
    return pl.concat(lines) if lines else pl.DataFrame(schema=dict.fromkeys(LINES, pl.Int64))


def _check(loans: pl.DataFrame) -> None:
    if missing := LOANS.keys() - set(loans.columns):
        raise BadLoans(f"the loans lack the columns {sorted(missing)}")
    wrong = loans.filter(
        ~pl.col("method").is_in([str(each) for each in METHODS])
        | (pl.col("count") <= pl.col("interest_only"))
        | (pl.col("interest_only") < 0)
        | (pl.col("balloon_minor") < 0)
        | (pl.col("principal_minor") <= pl.col("balloon_minor"))
    )
    if wrong.height:
        raise BadLoans(f"{wrong.height} loans make no schedule, the first: {wrong.row(0, named=True)}")


def _opened(loans: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """The loans with their balance, the instalment or principal part that stays the same, and flat interest."""
    is_list = loans.schema["factor_top"].base_type() is pl.List
    total = pl.col("factor_top").list.sum() if is_list else pl.col("factor_top") * pl.col("count")
    state = loans.with_columns(
        balance_minor=pl.col("principal_minor"), top_sum=total, loan_minor="principal_minor"
    )
    shares = pl.col("count") - pl.col("interest_only")
    without_balloon = pl.col("principal_minor") - pl.col("balloon_minor")
    flat = _rounded(
        pl.col("principal_minor").cast(BIG) * pl.col("top_sum"), pl.col("factor_bottom"), rounding.interest
    )
    flat_level = (
        without_balloon.cast(BIG) * pl.col("count") * pl.col("factor_bottom")
        + pl.col("principal_minor").cast(BIG) * pl.col("top_sum") * shares
    )
    state = state.with_columns(
        flat_minor=flat,
        even_minor=_rounded(without_balloon, shares, rounding.instalment),
        level_minor=_stepped(
            flat_level, shares.cast(BIG) * pl.col("count") * pl.col("factor_bottom"), rounding
        ),
    )
    state = state.with_columns(each_minor=_rounded(pl.col("flat_minor"), pl.col("count"), rounding.interest))
    french = state.filter(method=Method.FRENCH)
    if not french.height:
        return state
    levels = _levels(french, rounding, is_list=is_list)
    return state.join(levels, on="loan", how="left", maintain_order="left").with_columns(
        level_minor=pl.coalesce("french_minor", "level_minor")
    )


def _levels(french: pl.DataFrame, rounding: Rounding, *, is_list: bool) -> pl.DataFrame:
    """The level instalment of each loan; the doubtful ones by the exact function."""
    worth = french.select(
        "loan", "principal_minor", "balloon_minor", "count", "interest_only", "factor_top", "factor_bottom", "top_sum",
        discount=pl.lit(1.0), worth=pl.lit(0.0),
    )  # fmt: skip
    for at in range(_longest(worth)):
        counts = (pl.col("count") > at) & (pl.col("interest_only") <= at)
        factor = _top(at, is_list=is_list) / pl.col("factor_bottom")
        worth = worth.with_columns(
            discount=pl.when(counts).then(pl.col("discount") / (1 + factor)).otherwise("discount")
        ).with_columns(worth=pl.when(counts).then(pl.col("worth") + pl.col("discount")).otherwise("worth"))
    exact = (pl.col("principal_minor") - pl.col("balloon_minor") * pl.col("discount")) / pl.col("worth")
    worth = worth.with_columns(exact=exact / rounding.step)
    from_boundary = (pl.col("exact") * 2 - (pl.col("exact") * 2).round()).abs() / 2
    worth = worth.with_columns(
        french_minor=_float_rounded(pl.col("exact"), rounding.instalment) * rounding.step,
        is_doubtful=from_boundary < pl.col("exact") * DOUBT + 1e-4,
    )
    doubtful = [_exact_level(row, rounding) for row in worth.filter("is_doubtful").iter_rows(named=True)]
    fixed = pl.DataFrame(doubtful, schema={"loan": pl.Int64, "fixed": pl.Int64}, orient="row")
    joined = worth.join(fixed, on="loan", how="left", maintain_order="left")
    return joined.select("loan", french_minor=pl.coalesce("fixed", "french_minor"))


def _longest(loans: pl.DataFrame) -> int:
    return int(loans.select(pl.col("count").max()).item() or 0)


def _exact_level(row: dict[str, Any], rounding: Rounding) -> tuple[int, int]:
    tops = row["factor_top"] if isinstance(row["factor_top"], list) else [row["factor_top"]] * row["count"]
    factors = [Fraction(top, row["factor_bottom"]) for top in tops[row["interest_only"] : row["count"]]]
    return row["loan"], level_instalment(row["principal_minor"], factors, rounding, row["balloon_minor"])


def _step(state: pl.DataFrame, number: int, rounding: Rounding) -> pl.DataFrame:
    """The line of one instalment, and the balance after it."""
    is_list = state.schema["factor_top"].base_type() is pl.List
    is_last = pl.col("count") == number
    is_flat = pl.col("method") == Method.SIMPLE
    borne = _rounded(
        pl.col("balance_minor").cast(BIG) * _top(number - 1, is_list=is_list),
        pl.col("factor_bottom"),
        rounding.interest,
    )
    flat_rest = pl.col("flat_minor") - pl.col("each_minor") * (pl.col("count") - 1)
    flat = pl.when(is_last).then(flat_rest).otherwise("each_minor")
    state = state.with_columns(interest_minor=pl.when(is_flat).then(flat).otherwise(borne))
    even = pl.col("method") == Method.GERMAN
    part = pl.when(even).then("even_minor").otherwise(pl.col("level_minor") - pl.col("interest_minor"))
    kept = pl.min_horizontal(part, pl.col("balance_minor") - pl.col("balloon_minor")).clip(0)
    pays_none = (pl.col("method") == Method.AMERICAN) | (pl.col("interest_only") >= number)
    principal = pl.when(is_last).then("balance_minor").when(pays_none).then(0).otherwise(kept)
    return state.with_columns(principal_minor=principal).with_columns(
        balance_minor=pl.col("balance_minor") - pl.col("principal_minor")
    )


def _top(at: int, *, is_list: bool) -> pl.Expr:
    return pl.col("factor_top").list.get(at, null_on_oob=True) if is_list else pl.col("factor_top")


def _stepped(top: pl.Expr, bottom: pl.Expr, rounding: Rounding) -> pl.Expr:
    return _rounded(top, bottom * rounding.step, rounding.instalment) * rounding.step


def _rounded(top: pl.Expr, bottom: pl.Expr, how: RoundTo) -> pl.Expr:
    """top / bottom, neither below nothing, as `rounding.whole` rounds it."""
    floor = top // bottom
    rest = top - floor * bottom
    ups = {
        RoundTo.DOWN: pl.lit(0),
        RoundTo.UP: (rest > 0).cast(pl.Int64),
        RoundTo.HALF_UP: (rest * 2 >= bottom).cast(pl.Int64),
        RoundTo.HALF_EVEN: ((rest * 2 > bottom) | ((rest * 2 == bottom) & (floor % 2 == 1))).cast(pl.Int64),
    }
    return (floor + ups[how]).cast(pl.Int64)


def _float_rounded(value: pl.Expr, how: RoundTo) -> pl.Expr:
    """Right wherever the value is not near a boundary; the others are computed exactly."""
    shaped = {RoundTo.DOWN: value.floor(), RoundTo.UP: value.ceil()}
    return shaped.get(how, (value + 0.5).floor()).cast(pl.Int64)
