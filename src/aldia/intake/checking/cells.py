"""Cells as clean text: blanks, control characters, hidden marks, damaged accents and formulas dealt with once."""

import polars as pl

from aldia.intake.checking.problems import ProblemBook
from aldia.intake.readers.ipc import CELLS, ROW, TYPES

HIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{fff9}-\u{fffb}]"
HIDDEN_ASCII = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
DAMAGED = r"\u{fffd}|[ÃÂ][\u{80}-\u{bf}]|â€|Ã[‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œž]"
FORMULA = r"^(=|@|[+\-][A-Za-z(@=])"
NOTHING = (
    "null",
    "n/a",
    "#n/a",
    "nan",
    "none",
    "nil",
    "-",
    "--",
    "---",
    "s/d",
    "#ref!",
    "#value!",
    "#¡valor!",
    "#¡ref!",
    "#div/0!",
    "\\n",
    "(null)",
    "<null>",
)
CELL_LIMIT = 32_767
# What most columns never have; one look at all cells saves rewriting them.
UNTIDY = r"^\s|\s$|\s\s|[\t\n\r\u{a0}\u{202f}]"
UNTIDY_ASCII = r"^\s|\s$|\s\s|[\x00-\x1f\x7f]"


class Cells:
    """The cells of the mapped columns of some rows; every problem goes to the book."""

    def __init__(
        self, frame: pl.DataFrame, columns: dict[str, str], book: ProblemBook, all_columns: list[str]
    ) -> None:
        self.frame = frame
        self.columns = columns
        self.book = book
        self.height = frame.height
        self._all = all_columns
        self._clean: dict[str, pl.Series] = {}

    def has(self, field: str) -> bool:
        """True when the field has a column."""
        return field in self.columns

    def text(self, field: str) -> pl.Series:
        """The field's cells without blanks around, hidden characters and line breaks; null for nothing."""
        if field not in self._clean:
            self._clean[field] = self._cleaned(field)
        return self._clean[field]

    def side(self, field: str) -> pl.Series:
        """As `text`, for a column of signs, where «-» says money out and is no empty cell."""
        signs = self.frame[self.columns[field]].str.strip_chars()
        minus = pl.when(signs.is_in(["-", "−"])).then(pl.lit("-"))
        return pl.select(pl.coalesce(minus, self.text(field))).to_series()

    def native(self, field: str, kind: str) -> pl.Series:
        """True where the workbook's cell was natively of that type (n number, d date)."""
        if field not in self.columns:
            return pl.repeat(value=False, n=self.height, eager=True, dtype=pl.Boolean)
        return (self.frame[TYPES].str.slice(self._all.index(self.columns[field]), 1) == kind).fill_null(
            value=False
        )

    def attributes(self, names: list[str]) -> pl.Series:
        """The unmapped columns of each row as the text of a JSON object, empty cells left null."""
        if not names:
            return pl.repeat("{}", self.height, eager=True, dtype=pl.String)
        kept = [tidy(pl.col(name)).alias(name) for name in names]
        return self.frame.select(pl.struct(kept).struct.json_encode()).to_series()

    def _cleaned(self, field: str) -> pl.Series:
        if field not in self.columns:
            return pl.repeat(None, self.height, eager=True, dtype=pl.String)
        raw = self.frame[self.columns[field]]
        length = raw.str.len_chars()
        if (length.max() or 0) > CELL_LIMIT:  # type: ignore[operator]
            self.book.add("cell_too_long", field, length > CELL_LIMIT, raw.str.slice(0, 60), limit=CELL_LIMIT)
        is_ascii = raw.str.len_bytes().sum() == length.sum()
        hidden = raw.str.contains(HIDDEN_ASCII if is_ascii else HIDDEN)
        if hidden.any():
            self.book.add("text_cleaned", field, hidden, raw.str.replace_all(HIDDEN, "\ufffd"))
        clean = tidy_series(raw, is_ascii=is_ascii)
        if not is_ascii:
            self.book.add("text_damaged", field, clean.str.contains(DAMAGED), clean)
        return clean


def tidy(cell: pl.Expr) -> pl.Expr:
    """Hidden characters out, runs of blanks and line breaks to one blank, null for blanks and for «N/A», «NULL», «-» ..."""
    clean = cell.str.replace_all(HIDDEN, "").str.replace_all(r"[\s\u{a0}\u{202f}]+", " ").str.strip_chars()
    return pl.when((clean == "") | clean.str.to_lowercase().is_in(list(NOTHING))).then(None).otherwise(clean)


def tidy_series(cells: pl.Series, *, is_ascii: bool | None = None) -> pl.Series:
    """As `tidy`, rewriting the cells only where some need it."""
    if is_ascii is None:
        is_ascii = cells.str.len_bytes().sum() == cells.str.len_chars().sum()
    untidy = cells.str.contains(UNTIDY_ASCII if is_ascii else f"{UNTIDY}|{HIDDEN}").any()
    clean = cells
    if untidy:
        clean = (
            cells.str.replace_all(HIDDEN, "").str.replace_all(r"[\s\u{a0}\u{202f}]+", " ").str.strip_chars()
        )
    short = clean.str.len_bytes() <= 9
    if not short.any():
        return clean
    nothing = short & clean.str.to_lowercase().is_in(["", *NOTHING])
    return clean.set(nothing, None) if nothing.any() else clean


def check_shape(frame: pl.DataFrame, book: ProblemBook, *, width: int, separator: str) -> None:
    """Rows with broken quotes, with more cells than columns, and with fewer."""
    cells = frame[CELLS]
    facts = {"width": width, "separator": separator}
    book.add("row_quotes", "row", cells == -1, '"')
    book.add("row_long", "row", cells > width, cells.cast(pl.String), **facts)
    book.add("row_short", "row", (cells >= 0) & (cells < width), cells.cast(pl.String), width=width)


def row_numbers(frame: pl.DataFrame) -> pl.Series:
    """The original row numbers."""
    return frame[ROW]
