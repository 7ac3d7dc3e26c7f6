"""Dates as files write them: the order of day and month proven over all rows, then parsed exactly."""

from dataclasses import dataclass, field

import polars as pl
from django.utils.translation import gettext_lazy as _

from aldia.intake.readers.refusals import Refused

# [0-9] and not \d, which takes the digits of other scripts too: no cast reads those.
TIME = r"[ T]+(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?:\D.*)?$"
ISO = r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$"
COMPACT = r"^((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:\.0+)?$"
EIGHT = r"^([0-9]{2})([0-9]{2})([0-9]{4})$"
NUMERIC = r"^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})$"
WORDED = r"^([0-9]{1,2})[-/ .]*(?:de )?(\p{L}{3,10})\.?[-/ ]*(?:del? )?([0-9]{4}|[0-9]{2})$"
ENGLISH = r"^(\p{L}{3,10})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})$"
SERIAL = r"^[0-9]{5}(?:\.[0-9]+)?$"
EXAMPLES = {"dmy": "31/12/2025", "mdy": "12/31/2025", "ymd": "2025-12-31"}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene january enero janeiro",
            "feb fev february febrero fevereiro",
            "mar march marzo marco março",
            "apr abr april abril",
            "may mai mayo maio",
            "jun june junio junho",
            "jul july julio julho",
            "aug ago august agosto",
            "sep set sept september septiembre setiembre setembro",
            "oct out october octubre outubro okt",
            "nov november noviembre novembro",
            "dec dic dez december diciembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}


class AmbiguousDates(Refused):
    """No cell of the file proves whether the day or the month comes first."""


@dataclass(slots=True)
class DateTally:
    """Counts, over all rows and date columns, of the cells that prove an order; `open` could be either."""

    proofs: dict[str, int] = field(default_factory=lambda: {"dmy": 0, "mdy": 0, "ymd": 0})
    examples: dict[str, str] = field(default_factory=dict)
    open: int = 0
    open_example: tuple[str, str] = ("", "")

    def add(self, column: str, cells: pl.Series) -> None:
        """Count the cells of one column."""
        parts = _split(cells, NUMERIC)
        first, second, year = parts["a"], parts["b"], parts["c"]
        short = year < 100
        # Beside days that begin with the year, «26-8-31» may begin with it too.
        year_first = short & (year <= 31) & _has_iso(cells)
        marks = {
            "dmy": (first > 12) & (first <= 31) & (second <= 12) & ~year_first,
            "mdy": (second > 12) & (second <= 31) & (first <= 12),
            "ymd": short & (first > 31) & (second <= 12),
        }
        for order, mark in marks.items():
            self._count(order, column, cells, mark.fill_null(value=False))
        either = (first <= 12) & (second <= 12) & (first != second) | year_first & (first <= 31) & (
            second <= 12
        )
        either = either.fill_null(value=False)
        if either.any() and not self.open:
            self.open_example = (column, str(cells.filter(either)[0]))
        self.open += int(either.sum())

    def _count(self, order: str, column: str, cells: pl.Series, mark: pl.Series) -> None:
        count = int(mark.sum())
        if count and order not in self.examples:
            self.examples[order] = f"{column}: {cells.filter(mark)[0]}"
        self.proofs[order] += count

    def order(self, stated: str | None) -> str:
        """The order that the cells prove, or the stated one. Raises AmbiguousDates."""
        if stated:
            return stated
        best, second = sorted(self.proofs, key=lambda order: -self.proofs[order])[:2]
        if self.proofs[best] and self.proofs[best] >= 3 * self.proofs[second]:
            return best
        if self.proofs[best]:
            raise _mixed(self.examples[best], self.examples[second])
        if self.open:
            raise _ambiguous(*self.open_example)
        return "dmy"


def _has_iso(cells: pl.Series) -> bool:
    return bool(cells.cast(pl.String).str.replace(TIME, "").str.contains(ISO).any())


def parse_dates(
    cells: pl.Series, order: str, *, native_numbers: pl.Series | None = None
) -> tuple[pl.Series, pl.Series]:
    """The dates, and True where a cell has the shape of a date but no such day exists; null for what is unreadable."""
    unique = cells.unique()
    native = native_numbers.any() if native_numbers is not None else False
    dates, shaped = _parse_unique(unique, order, serials=bool(native) or _all_serial(unique))
    table = pl.DataFrame({"cell": unique, "on": dates, "shaped": shaped})
    joined = pl.DataFrame({"cell": cells}).join(
        table, on="cell", how="left", maintain_order="left", nulls_equal=True
    )
    on = joined["on"]
    return on, joined["shaped"].fill_null(value=False) & on.is_null() & cells.is_not_null()


def _parse_unique(cells: pl.Series, order: str, *, serials: bool) -> tuple[pl.Series, pl.Series]:
    at = {"dmy": ("c", "b", "a"), "mdy": ("c", "a", "b"), "ymd": ("a", "b", "c")}[order]
    found = [
        _dates(_split(cells, ISO), "a", "b", "c"),
        _dates(_split(cells, NUMERIC), *at),
        _dates(_split(cells, COMPACT), "a", "b", "c"),
        _dates(_split(cells, EIGHT), "c", *(("b", "a") if order != "mdy" else ("a", "b"))),
        _dates(_split(cells, WORDED, month="b"), "c", "b", "a"),
        _dates(_split(cells, ENGLISH, month="a"), "c", "a", "b"),
    ]
    if serials:
        found.append(_serial_dates(cells))
    dates = (
        pl.DataFrame({str(index): series for index, (series, _) in enumerate(found)})
        .select(pl.coalesce(pl.all()))
        .to_series()
    )
    shaped = (
        pl.DataFrame({str(index): mask for index, (_, mask) in enumerate(found)})
        .select(pl.any_horizontal(pl.all()))
        .to_series()
    )
    return dates, shaped


def _split(cells: pl.Series, pattern: str, *, month: str | None = None) -> pl.DataFrame:
    """Three whole numbers a, b, c out of each cell, null where the pattern does not fit; `month` is a month's name."""
    text = cells.cast(pl.String).str.replace(TIME, "").str.strip_chars()
    groups = text.str.extract_groups(pattern).struct.unnest()
    groups.columns = ["a", "b", "c"]
    if month:
        known = groups[month].str.to_lowercase().replace_strict(MONTHS, default=None, return_dtype=pl.Int32)
        groups = groups.with_columns(known.alias(month))
    # «0025» is a slip for some year, not 2025: it must not pass for a short one.
    slip = groups["c"].cast(pl.String).str.contains(r"^00\d\d$").fill_null(value=False)
    numbers = groups.with_columns(pl.all().cast(pl.Int32, strict=False))
    return numbers.with_columns(pl.when(slip).then(pl.col("c") + 1000).otherwise(pl.col("c")).alias("c"))


def _dates(parts: pl.DataFrame, year: str, month: str, day: str) -> tuple[pl.Series, pl.Series]:
    full = (
        pl.when(pl.col(year) < 70)
        .then(pl.col(year) + 2000)
        .when(pl.col(year) < 100)
        .then(pl.col(year) + 1900)
        .otherwise(pl.col(year))
    )
    text = pl.format("{}-{}-{}", full, pl.col(month), pl.col(day))
    on = parts.select(text.str.to_date("%Y-%m-%d", strict=False)).to_series()
    return on, parts.select(pl.all_horizontal(pl.all().is_not_null())).to_series()


def _all_serial(cells: pl.Series) -> bool:
    kept = cells.drop_nulls()
    return bool(kept.len()) and bool(kept.str.contains(SERIAL).all())


def _serial_dates(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Spreadsheet day numbers (1 is 1900-01-01, with the well-known false leap day), 1954 to 2091."""
    days = cells.str.extract(r"^(\d{5})(?:\.\d+)?$", 1).cast(pl.Int32, strict=False)
    days = days.set(~days.is_between(20_000, 70_000).fill_null(value=False), None)
    on = (days - 25_569).cast(pl.Date)
    return on, pl.repeat(value=False, n=cells.len(), eager=True, dtype=pl.Boolean)


_OPTION = _(
    "Di el orden con --date-order dmy (el día primero), mdy (el mes primero) o ymd (el año primero), o en el archivo de --mapping: "
    '{"date_order": "dmy"}.'
)


def _ambiguous(column: str, example: str) -> AmbiguousDates:
    return AmbiguousDates(
        "dates_ambiguous",
        found=_("«%(example)s» se puede leer de más de una manera, y ninguna fecha del archivo lo aclara.")
        % {"example": example},
        expected=_("Saber si va primero el día, el mes o el año."),
        hint=_OPTION,
        field=column,
    )


def _mixed(one: str, other: str) -> AmbiguousDates:
    return AmbiguousDates(
        "dates_mixed",
        found=_("Unas fechas empiezan por el día y otras por el mes: «%(one)s» y «%(other)s».")
        % {"one": one, "other": other},
        expected=_("Un mismo orden en todo el archivo."),
        hint=_OPTION,
        field="date_order",
    )
