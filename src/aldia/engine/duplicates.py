"""Records that may be the same person: those that share something rare are paired, and each pair is weighed fact by fact.

The weights are logarithms (base 2) of how much likelier an agreement, or a disagreement, is between two records of one person
than between two people: a general judgement, not fitted to any set. A missing fact says nothing.
"""

from typing import Any, Final

import polars as pl

RECORDS: Final[dict[str, Any]] = {
    "key": pl.Int64, "name": pl.String, "tax_id": pl.String, "born_on": pl.String, "phone": pl.String, "email": pl.String,
    "address": pl.String,
}  # fmt: skip
"""What `find_pairs` reads: texts folded to lower case without accents; a fact that nobody knows is null."""

LIKELY: Final = 12.0  # a pair from this score on is shown as very likely, below it as possible
POSSIBLE: Final = 7.0
_PAIRS_AT_ONCE: Final = 50_000  # bounds the memory of a comparison
_LARGEST_BLOCK: Final = 40  # what more records share is not rare: it brings nobody together
_EXACT: Final = {"tax_id": 9.0, "born_on": 7.0, "phone": 7.0, "email": 9.0}
_NEAR: Final = {"tax_id": 4.0, "born_on": 3.0, "phone": 2.0, "email": 4.0}
_APART: Final = {"tax_id": -4.0, "born_on": -3.0, "phone": -1.0, "email": -1.0}
_LOST: Final = 3  # pairs of letters that one wrong sign, or two swapped ones, take away at most
# (how alike at least, weight), best first.
_NAMES: Final = ((0.99, 7.0), (0.8, 5.0), (0.6, 3.0), (0.4, 0.0), (0.2, -2.0), (0.0, -4.0))
_ADDRESSES: Final = ((0.95, 6.0), (0.75, 5.0), (0.55, 3.0), (0.35, 0.0), (0.0, -2.0))
_LETTERS: Final = {"name": _NAMES, "address": _ADDRESSES}
FACTS: Final = tuple(name for name in RECORDS if name != "key")
PAIRS: Final = {
    "left": pl.Int64, "right": pl.Int64, "score": pl.Float64, **dict.fromkeys(FACTS, pl.Float64),
}  # fmt: skip


def find_pairs(records: pl.DataFrame, *, least: float = POSSIBLE) -> pl.DataFrame:
    """Return the pairs of records (RECORDS) that score `least` or more, best first: left < right, score, and the weight of each
    fact under its own name (null where one of the two does not say)."""
    absent = {name: pl.lit(None, dtype) for name, dtype in RECORDS.items() if name not in records.columns}
    told = records.with_columns(**absent).select(pl.col(name).cast(dtype) for name, dtype in RECORDS.items())
    told = told.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    letters = told.with_columns(_letters(name).alias(f"{name}_letters") for name in FACTS)
    kept = [
        _weighed(pairs, letters).filter(pl.col("score") >= least)
        for pairs in _candidates(told).iter_slices(_PAIRS_AT_ONCE)
    ]
    found = pl.concat([pl.DataFrame(schema=PAIRS), *kept])
    return found.sort("score", "left", "right", descending=[True, False, False])


def _candidates(told: pl.DataFrame) -> pl.DataFrame:
    """Pairs (left, right) of records with a key in common that few have."""
    blocks = pl.concat(told.select("key", block=block).drop_nulls() for block in _whole_facts())
    blocks = pl.concat([blocks, _beginnings(told)]).unique()
    rare = blocks.filter(pl.len().over("block").is_between(2, _LARGEST_BLOCK))
    pairs = rare.join(rare, on="block").filter(pl.col("key") < pl.col("key_right"))
    return pairs.select(left="key", right="key_right").unique()


def _whole_facts() -> list[pl.Expr]:
    """What brings two records together by itself: a fact, or all the words of a name in any order."""
    whole = [pl.lit(f"{name}:") + pl.col(name) for name in _EXACT]
    ordered = pl.col("name").str.split(" ").list.sort().list.join(" ")
    return [*whole, pl.lit("name:") + ordered]


def _beginnings(told: pl.DataFrame) -> pl.DataFrame:
    """The beginning of each word of a name beside each number of the address, and beside parts of the other numbers."""
    words = told.select("key", word=_split("name").list.eval(pl.element().str.slice(0, 3)).list.unique())
    anchors = pl.concat(
        [
            told.select("key", anchor=pl.col("address").str.extract_all(r"\b\d{1,6}\b")),
            told.select("key", anchor=_split("address").list.eval(pl.element().str.slice(0, 5))),
            *(
                told.select("key", anchor=pl.concat_list(pl.col(name).str.head(4), pl.col(name).str.tail(4)))
                for name in ("tax_id", "born_on", "phone")
            ),
        ]
    ).explode("anchor").drop_nulls()  # fmt: skip
    both = words.explode("word").drop_nulls().join(anchors, on="key")
    return both.select("key", block=pl.col("word") + "|" + pl.col("anchor")).unique()


def _split(name: str) -> pl.Expr:
    return pl.col(name).str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars().str.split(" ")


def _weighed(pairs: pl.DataFrame, letters: pl.DataFrame) -> pl.DataFrame:
    """Return PAIRS of these pairs."""
    left = pairs.join(letters, left_on="left", right_on="key", maintain_order="left")
    both = left.join(letters, left_on="right", right_on="key", suffix="_too", maintain_order="left")
    weighed = both.select("left", "right", **_weights())
    return weighed.select(
        "left", "right", pl.sum_horizontal(pl.col(FACTS).fill_null(0.0)).alias("score"), *FACTS
    )


def _letters(name: str) -> pl.Expr:
    """The pairs of neighbouring letters of a text, its edges included."""
    plain = pl.lit(" ") + _split(name).list.join(" ") + pl.lit(" ")
    return (
        plain.str.split("").list.eval(pl.element() + pl.element().shift(-1)).list.drop_nulls().list.unique()
    )


def _alike(name: str) -> pl.Expr:
    """How much of their letters two texts share, from 0 to 1 (Dice over pairs of letters), in any order of the words."""
    mine, other = pl.col(f"{name}_letters"), pl.col(f"{name}_letters_too")
    return 2 * mine.list.set_intersection(other).list.len() / (mine.list.len() + other.list.len())


def _is_near(name: str) -> pl.Expr:
    """Whether two numbers or addresses differ by no more than a slip: what long ones begin with alike does not make them near."""
    mine, other = pl.col(f"{name}_letters"), pl.col(f"{name}_letters_too")
    longest = pl.max_horizontal(mine.list.len(), other.list.len()).cast(pl.Int64)
    return longest - mine.list.set_intersection(other).list.len() <= _LOST


def _weights() -> dict[str, pl.Expr]:
    """The weight of each fact of a pair whose records stand side by side."""
    found: dict[str, pl.Expr] = {}
    for name, exact in _EXACT.items():
        near = pl.when(_is_near(name)).then(_NEAR[name]).otherwise(_APART[name])
        found[name] = pl.when(pl.col(name) == pl.col(f"{name}_too")).then(exact).otherwise(near)
    for name, steps in _LETTERS.items():
        weight = pl.lit(steps[-1][1])
        for alike, value in reversed(steps[:-1]):
            weight = pl.when(_alike(name) >= alike).then(value).otherwise(weight)
        found[name] = weight
    return {
        name: pl.when(pl.col(name).is_not_null() & pl.col(f"{name}_too").is_not_null()).then(weight)
        for name, weight in found.items()
    }
