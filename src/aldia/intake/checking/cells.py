"""Cells as clean text: blanks, control characters, hidden marks, damaged accents and formulas dealt with once."""

import polars as pl

from aldia.intake.checking.problems import ProblemBook
from aldia.intake.readers.ipc import CELLS, ROW, TYPES

HIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{fff9}-\u{fffb}]"
DAMAGED = r"\u{fffd}|[ÃÂ][\u{80}-\u{bf}]|â€|Ã[‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œž]"
FORMULA = r"^(=|@|[+\-][A-Za-z(@=])"
NOTHING = ("null", "n/a", "#n/a", "nan", "none", "nil", "-", "--", "---", "s/d", "n/d", "#ref!", "#value!", "#¡valor!", "#¡ref!", "#div/0!", "\\n", "(null)", "<null>")
CELL_LIMIT = 32_767


class Cells:
    """The cells of the mapped columns of some rows; every problem goes to the book."""

    def __init__(self, frame: pl.DataFrame, columns: dict[str, str], book: ProblemBook, all_columns: list[str]) -> None:
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

    def native(self, field: str, kind: str) -> pl.Series:
        """True where the workbook's cell was natively of that type (n number, d date)."""
        if field not in self.columns:
            return pl.repeat(value=False, n=self.height, eager=True, dtype=pl.Boolean)
        return (self.frame[TYPES].str.slice(self._all.index(self.columns[field]), 1) == kind).fill_null(value=False)

    def attributes(self, names: list[str]) -> pl.Series:
        """The unmapped columns of each row as the text of a JSON object, empty cells left null."""
        if not names:
            return pl.repeat("{}", self.height, eager=True, dtype=pl.String)
        kept = [tidy(pl.col(name)).alias(name) for name in names]
        return self.frame.select(pl.struct(kept).struct.json_encode()).to_series()

    def _cleaned(self, field: str) -> pl.Series:
        if field not in self.columns:
            return pl.repeat(None, self.height, eager=True, dtype=pl.String)
        name = self.columns[field]
        raw = self.frame[name]
        self.book.add("cell_too_long", field, raw.str.len_chars() > CELL_LIMIT, raw.str.slice(0, 60), limit=CELL_LIMIT)
        self.book.add("text_cleaned", field, raw.str.contains(HIDDEN), raw.str.replace_all(HIDDEN, "�"))
        clean = self.frame.select(tidy(pl.col(name))).to_series()
        self.book.add("text_damaged", field, clean.str.contains(DAMAGED), clean)
        return clean


def tidy(cell: pl.Expr) -> pl.Expr:
    """Hidden characters out, runs of blanks and line breaks to one blank, null for blanks and for «N/A», «NULL», «-» ..."""
    clean = cell.str.replace_all(HIDDEN, "").str.replace_all(r"[\s\u{a0}\u{202f}]+", " ").str.strip_chars()
    return pl.when((clean == "") | clean.str.to_lowercase().is_in(list(NOTHING))).then(None).otherwise(clean)


def check_shape(frame: pl.DataFrame, book: ProblemBook, *, width: int, separator: str) -> None:
    """Rows with broken quotes, with more cells than columns, and with fewer."""
    cells = frame[CELLS]
    facts = {"width": width, "separator": separator}
    book.add("row_quotes", "row", cells == -1, "\"")
    book.add("row_long", "row", cells > width, cells.cast(pl.String), **facts)
    book.add("row_short", "row", (cells >= 0) & (cells < width), cells.cast(pl.String), width=width)


def row_numbers(frame: pl.DataFrame) -> pl.Series:
    """The original row numbers."""
    return frame[ROW]
