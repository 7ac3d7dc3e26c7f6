"""What the person who loads a file says about it, and what one check gives back."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from aldia.domain.money import Rounding
from aldia.intake.checking.held import Held

DATE_ORDERS = ("dmy", "mdy", "ymd")
DECIMALS = ("comma", "dot")
NO_NUMBERS = pl.DataFrame(schema={"row": pl.Int64, "document_number": pl.String})


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Options of one load; None means: let the content say it.

    `currency` ISO code for files without one, `country` ISO-2 for tax ids and phones, `round` how amounts finer than
    the currency become minor units, `as_of` the business date of the load, `held` what the same source brought before.
    """

    currency: str | None = None
    country: str | None = None
    round: Rounding | None = None
    as_of: date | None = None
    date_order: str | None = None
    decimal: str | None = None
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Conventions:
    """How the file writes dates (`dmy`, `mdy`, `ymd`) and decimals (`comma`, `dot`), its currency, and what proved each."""

    date_order: str
    decimal: str
    currency: str | None
    evidence: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "date_order": self.date_order,
            "decimal": self.decimal,
            "currency": self.currency,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """The typed good rows, the problems, the rejected rows as the file has them (`row` and its columns), and the count of
    rows: seen, rejected, repeated in the file, skipped (totals)."""

    good: pl.DataFrame
    problems: pl.DataFrame
    left_out: pl.DataFrame
    rows: int
    rejected: int
    repeated: int
    skipped: int
    conventions: Conventions
    rejected_numbers: pl.DataFrame = field(default_factory=lambda: NO_NUMBERS)
    """`row` and `document_number` of the rejected rows, null where even that could not be read."""
