"""Records of people with errors and gaps: which of them are the same person, held against who they really are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from aldia.engine.duplicates import find_pairs
from aldia.ops.conformance.checks import Case, Checks, Comparison, Found

LEAST_PRECISION: Final = 0.95  # of the pairs shown, how many are one person
LEAST_RECALL: Final = 0.90  # of the pairs that are one person, how many are shown
_ADDRESS: Final = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")
_ORIGIN: Final = r"^rec-(\d+)-"  # the sets for development say in their ids who is whom


def people(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """The duplicates inside a list, and between it and its twin (`…a.csv` and `…b.csv`) where there is one."""
    rows = _read(path)
    checks.same("rows", case["rows"], rows.height)
    truth = _truth(rows, case)
    checks.same("duplicate_pairs", case["duplicate_pairs"], truth.height)
    _judge(checks, rows, truth)
    twin = path.with_name(path.name.removesuffix("a.csv") + "b.csv")
    if path.name.endswith("a.csv") and twin.is_file():
        both = pl.concat([rows, _read(twin)])
        _judge(checks, both, _truth(both, {}))


def _judge(checks: Checks, rows: pl.DataFrame, truth: pl.DataFrame) -> None:
    shown = find_pairs(_records(rows)).select("left", "right")
    right = shown.join(truth, on=["left", "right"]).height
    precision, recall = _share(right, shown.height), _share(right, truth.height)
    if truth.is_empty():  # nothing to find: what counts is how many are shown for nothing
        precision = 1 - _share(shown.height, rows.height) if shown.height else 1.0
    checks.measured |= {
        "pairs": truth.height,
        "shown": shown.height,
        "precision": precision,
        "recall": recall,
    }
    if precision < LEAST_PRECISION:
        checks.add("precision", f">= {LEAST_PRECISION}", precision)
    if recall < LEAST_RECALL:
        checks.add("recall", f">= {LEAST_RECALL}", recall)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _read(path: Path) -> pl.DataFrame:
    rows = pl.read_csv(path, infer_schema=False)
    rows = rows.rename({name: name.strip() for name in rows.columns})
    return rows.with_columns(pl.all().str.strip_chars().replace("", None))


def _records(rows: pl.DataFrame) -> pl.DataFrame:
    """The file in the words of the finder."""
    return rows.with_row_index("key").select(
        "key",
        name=_together("given_name", "surname"),
        tax_id="soc_sec_id",
        born_on="date_of_birth",
        address=_together(*_ADDRESS),
    )


def _together(*names: str) -> pl.Expr:
    return pl.concat_str(names, separator=" ", ignore_nulls=True)


def _truth(rows: pl.DataFrame, case: Mapping[str, Any]) -> pl.DataFrame:
    """The pairs of rows that are one person: as the reference groups them, else as their ids tell."""
    own = rows.with_row_index("key").select(pl.col("key").cast(pl.Int64), rec_id=rows.columns[0])
    if groups := case.get("truth"):
        each = groups.values() if isinstance(groups, dict) else groups
        listed = [(number, str(name)) for number, group in enumerate(each) for name in group]
        person = own.join(pl.DataFrame(listed, schema=["person", "rec_id"], orient="row"), on="rec_id")
    else:
        person = own.with_columns(person=pl.col("rec_id").str.extract(_ORIGIN)).drop_nulls()
    pairs = person.join(person, on="person").filter(pl.col("key") < pl.col("key_right"))
    return pairs.select(left="key", right="key_right")


KINDS: dict[str, Comparison] = {"people": people}
