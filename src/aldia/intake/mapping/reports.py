"""Reports made into plain lists: customers that head their rows, and balances spread over columns of age."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from aldia.intake.mapping.content import contents
from aldia.intake.mapping.fields import Kind, Looks
from aldia.intake.mapping.names import fold, tokens_of
from aldia.intake.mapping.propose import propose_for
from aldia.intake.readers.ipc import CELLS, ROW, TYPES
from aldia.intake.readers.table import RawTable

WHO: Final = frozenset({"customer_id", "customer_name", "tax_id"})
MONEY: Final = frozenset({"amount", "open_amount", "debit"})
CODE, NAME, OPEN = "Código de cliente", "Nombre del cliente", "Saldo pendiente"
"""Names of the columns that come to be, the same in every language: a remembered mapping has to find them again."""
MOST_CELLS = 3
"""A heading names somebody with a word «Cliente», a code and a name: more cells are a row with gaps."""
_SUM: Final = re.compile(r"\b(sub)?tota[li]s?\b|\btotales\b|\bsuma\b|\bsoma\b")
_AGE_WORDS: Final = (
    r"current|not (yet )?due|corriente|por vencer|no vencid[oa]s?|a vencer|sin vencer|vigente|ao vencer"
)
_BUCKET: Final = re.compile(
    rf"{_AGE_WORDS}|(de )?\d{{1,3}} ?(-|–|a|to|ate|hasta) ?\d{{1,3}}( ?(dias?|days?|d))?"
    r"|([<>+]|mas de|mais de|over|mayor a|acima de) ?\d{1,3}( ?(dias?|days?|d))?|\d{1,3} ?(\+|o mas|ou mais|and over)( ?(dias?|days?))?"
)
_AGE: Final = re.compile(rf"\b(dias?|days?|{_AGE_WORDS}|vencid[oa]s?|overdue|past due)\b")
_LABELLED: Final = re.compile(r"^\s*([^:]{2,30}?)\s*:\s*(.*)$")
_CODE: Final = re.compile(r"^([\w./-]*\d[\w./-]*)\s+[-–—]\s*(\S.*)$|^(\d[\d.]{2,})\s+([^\W\d].*)$")

Edit = Callable[[pl.DataFrame], pl.DataFrame]


def as_list(table: RawTable) -> RawTable:
    """The table with what a list of documents needs and a report tells otherwise; the same table where it tells nothing so."""
    sample = table.sample()
    told = propose_for(table.columns, sample, Kind.DOCUMENTS, is_partial=True).columns
    if not {"document_number", "due_on"} <= told.keys():
        return table
    if not MONEY & told.keys() and (ages := _ages(sample, table.columns)):
        table = _rewritten(table, [OPEN], _only_age(ages))
        told |= {"open_amount": table.columns[-1]}
    if not WHO & told.keys() and MONEY & told.keys():
        dated = [told[name] for name in ("due_on", *MONEY) if name in told]
        if groups := _groups(table, dated):
            table = _rewritten(table, [CODE, NAME] if groups.has_codes else [NAME], groups)
    return table


@dataclass(slots=True)
class _Groups:
    """Rows by the heading above them, piece after piece; the headings themselves are left out."""

    columns: list[str]
    dated: list[str]
    is_labelled: bool
    has_codes: bool
    code: str | None = None
    name: str | None = None

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        kept: list[bool] = []
        codes: list[str | None] = []
        names: list[str | None] = []
        for row in frame.select(self.columns).iter_rows(named=True):
            cells = heading_cells(row, self.dated)
            kept.append(not cells)
            if cells:
                self.turn(cells)
            codes.append(self.code)
            names.append(self.name)
        if self.has_codes:
            frame = frame.with_columns(pl.Series("code", codes, pl.String))
        return frame.with_columns(pl.Series("name", names, pl.String)).filter(pl.Series(kept))

    def turn(self, cells: list[str]) -> None:
        """Begin the group that this heading names; another heading changes nothing."""
        is_labelled, text = _who(cells)
        if self.is_labelled and not is_labelled:
            return
        found = _CODE.match(text) if self.has_codes else None
        code, name = (found[1] or found[3], found[2] or found[4]) if found else ("", text)
        self.code, self.name = code, name


def _groups(table: RawTable, dated: list[str]) -> _Groups | None:
    """How the headings of the sample name customers, None where they do not or where two levels of them could.

    Every document needs a heading above it, and a heading without a word for «customer» its own documents below.
    """
    heads = _above(table.dialect.title)
    last = "heading" if heads else ""
    for row in table.sample().select(table.columns).iter_rows(named=True):
        if cells := heading_cells(row, dated):
            heads.append(_who(cells))
            last = "nested" if last in ("heading", "nested") else "heading"
        elif _is_document(row, dated):
            if not heads or (last == "nested" and not any(is_labelled for is_labelled, _ in heads)):
                return None
            last = "document"
    labelled = [text for is_labelled, text in heads if is_labelled]
    texts = labelled or [text for _, text in heads]
    if not texts or (not labelled and any(_AGE.search(fold(text)) or ":" in text for text in texts)):
        return None
    found = _Groups(table.columns, dated, bool(labelled), all(_CODE.match(text) for text in texts))
    for cells in table.dialect.title[-1:] if labelled else ():
        found.turn([cell.strip() for cell in cells if cell.strip()])
    return found


def _above(title: list[list[str]]) -> list[tuple[bool, str]]:
    """The first customer, where its heading stands above those of the columns."""
    said = [_who(cells) for row in title[-1:] if (cells := [cell.strip() for cell in row if cell.strip()])]
    return [each for each in said if each[0]]


def heading_cells(row: dict[str, str], dated: list[str]) -> list[str]:
    """The cells of a row that heads others, nothing for any other row: few of them, words among them, and
    none where a date or a sum should be, unless the first cell says «Cliente»."""
    cells = [cell.strip() for cell in row.values() if cell and cell.strip()]
    if not 0 < len(cells) <= MOST_CELLS:
        return []
    if any((row[name] or "").strip() for name in dated) and not _who(cells)[0]:
        return []
    text = " ".join(cells)
    return cells if any(letter.isalpha() for letter in text) and not _SUM.search(fold(text)) else []


def _is_document(row: dict[str, str], dated: list[str]) -> bool:
    return bool((row[dated[0]] or "").strip())


def _who(cells: list[str]) -> tuple[bool, str]:
    """Whether the heading says that it names a customer, and what it says after that word; code and name with a dash between."""
    found = _LABELLED.match(cells[0])
    label, rest = (found[1], [found[2], *cells[1:]]) if found else (cells[0], cells[1:])
    if "customer" in tokens_of(label) and any(rest) and (found or len(label.split()) == 1):
        return True, _joined([cell for cell in rest if cell])
    return False, _joined(cells)


def _joined(cells: list[str]) -> str:
    return " - ".join(cells) if len(cells) > 1 and any(map(str.isdigit, cells[0])) else " ".join(cells)


def _ages(sample: pl.DataFrame, columns: list[str]) -> list[str]:
    """The columns that hold what is owed by age, two or more of them, all of sums."""
    ages = [name for name in columns if _BUCKET.fullmatch(fold(name).strip())]
    seen = contents(sample, ages)
    are_sums = all(not each.filled or each.shares[Looks.AMOUNT] >= 0.9 for each in seen.values())
    return ages if len(ages) > 1 and are_sums else []


def _only_age(ages: list[str]) -> Edit:
    """The one sum of each row, written as it stands. Several in one row are no document: shown together, for nobody can read them."""

    def edit(frame: pl.DataFrame) -> pl.DataFrame:
        places = [frame.columns.index(name) - len((ROW, CELLS, TYPES)) for name in ages]
        filled = [pl.when(pl.col(name).str.contains("[1-9]")).then(pl.col(name)) for name in ages]
        kinds = [
            pl.when(pl.col(name).str.contains("[1-9]")).then(pl.col(TYPES).str.slice(place, 1))
            for name, place in zip(ages, places, strict=True)
        ]
        written = pl.concat_str(filled, separator=" + ", ignore_nulls=True)
        first = pl.coalesce(pl.when(pl.col(name).str.strip_chars() != "").then(name) for name in ages)
        types = pl.col(TYPES) + pl.coalesce(*kinds, pl.lit("t"))
        return frame.with_columns(
            pl.when(pl.col(TYPES) == "").then(pl.lit("")).otherwise(types).alias(TYPES),
            pl.when(written == "").then(first.fill_null("")).otherwise(written).alias("open"),
        )

    return edit


def _rewritten(table: RawTable, names: list[str], edit: Edit) -> RawTable:
    """The table with the columns that `edit` adds, under these names, in a file of its own."""
    fresh = [_free(name, table.columns) for name in names]
    path = Path(tempfile.mkdtemp(prefix="aldia-read-")) / "rows.arrow"
    try:
        rows = _write(path, _edited(table, fresh, edit))
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    made = replace(table, columns=[*table.columns, *fresh], rows=rows, path=path)
    table.close()
    return made


def _edited(table: RawTable, names: list[str], edit: Edit) -> Iterator[pl.DataFrame]:
    width = len(table.columns)
    for frame in table.chunks():
        changed = edit(frame)
        added = dict(zip(changed.columns[-len(names) :], names, strict=True))
        whole = pl.when(pl.col(CELLS) == width).then(width + len(names)).otherwise(pl.col(CELLS))
        yield changed.rename(added).with_columns(
            whole.cast(pl.Int32).alias(CELLS), pl.col(names).fill_null("")
        )


def _write(path: Path, frames: Iterator[pl.DataFrame]) -> int:
    rows = 0
    writer = None
    with pa.OSFile(str(path), "wb") as out:
        for frame in frames:
            piece = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            writer = writer or pa.ipc.new_file(out, piece.schema)
            writer.write_table(piece)
            rows += frame.height
        if writer is not None:
            writer.close()
    return rows


def _free(name: str, taken: list[str]) -> str:
    return name if name not in taken else f"{name} ({len(taken) + 1})"
