"""The frame of every check: rows of totals set aside, shape judged, and at the end the good rows told from the bad."""

import polars as pl

from aldia.intake.checking.cells import Cells, check_shape, row_numbers
from aldia.intake.checking.conventions import detect_conventions
from aldia.intake.checking.options import NO_NUMBERS, Checked, Conventions, LoadOptions
from aldia.intake.checking.problems import ProblemBook
from aldia.intake.checking.typed import Sheet
from aldia.intake.mapping.fields import FIELDS, Kind, Looks
from aldia.intake.mapping.mapping import Mapping
from aldia.intake.readers.ipc import CELLS, ROW, TYPES

TOTAL = r"(?i)^\s*(sub|gran|grand|overall)?[\s-]*(total|totales|totals|totais|suma|sum|soma)(\s|:|\.|$)"
BALANCE = (
    r"(?i)^\s*(saldo|balance)\s+(anterior|inicial|final|atual|actual|do dia|del d[ií]a|em conta|b/?f|c/?f|brought|carried|forward)"
    r"|^\s*(opening|closing|previous|starting|ending) balance"
)
REMARK = (
    r"(?i)^(registros|records|generad[oa]|generated|gerado|emitid[oa]|impres[oa]|printed|p[áa]gina|page|usuario|user|fuente|source|report|reporte"
    r"|relat[óo]rio|fin del? |end of |fim do |nota:|note:|\*)"
)
TOLD_BALANCE = r"(?i)^\s*(s ?a ?l ?d ?o|saldo (anterior|inicial|final|atual|actual|do dia|del d[ií]a)|(opening|closing) balance)[\s:.\-/\d]*$"
_IDENTITY = ("document_number", "due_on", "customer_id", "customer_name", "tax_id")
FIELDS_WITH_AMOUNTS = [field for kind in FIELDS.values() for field in kind if field.looks is Looks.AMOUNT]
MARKS = (ROW, CELLS, TYPES)


def data_columns(frame: pl.DataFrame) -> list[str]:
    """The file's own columns."""
    return [name for name in frame.columns if name not in MARKS]


def open_sheet(
    frame: pl.DataFrame,
    mapping: Mapping,
    options: LoadOptions,
    *,
    conventions: Conventions | None,
    separator: str,
) -> tuple[Sheet, int]:
    """The rows to check and how many rows there were with the totals."""
    columns = data_columns(frame)
    if conventions is None:
        conventions = detect_conventions([frame], mapping, options, columns=columns)
    totals = _totals(frame, mapping, columns) | _without_identity(frame, mapping) | _headings(frame, mapping)
    totals |= _balances(frame, mapping, columns) | _remarks(frame, mapping, columns)
    book = ProblemBook(row_numbers(frame.filter(~totals)))
    if totals.any():
        aside = ProblemBook(row_numbers(frame.filter(totals)))
        words = (
            frame.filter(totals).select(pl.concat_str(columns, separator=" ", ignore_nulls=True)).to_series()
        )
        aside.add("row_total", "row", words.is_not_null(), words.str.strip_chars())
        book.adopt(aside)
    kept = frame.filter(~totals)
    check_shape(kept, book, width=len(columns), separator=separator)
    sheet = Sheet(Cells(kept, mapping.columns, book, columns), book, conventions, options, mapping.kind)
    return sheet, frame.height


def attributes_of(sheet: Sheet, mapping: Mapping) -> pl.Series:
    """JSON text of the columns that no field took, and of a country column whose words may not be known."""
    taken = {column for field, column in mapping.columns.items() if field != "country"}
    return sheet.cells.attributes([name for name in data_columns(sheet.cells.frame) if name not in taken])


def seal(
    found: pl.DataFrame,
    sheet: Sheet,
    *,
    rows: int,
    repeated: pl.Series | None = None,
    aside: pl.Series | None = None,
) -> Checked:
    """The result: good rows without errors, repetitions and those set aside."""
    bad = sheet.book.bad
    no = pl.repeat(value=False, n=found.height, eager=True, dtype=pl.Boolean)
    repeated = repeated if repeated is not None else no
    aside = (aside if aside is not None else no) & ~bad
    return Checked(
        good=found.filter(~bad & ~repeated & ~aside),
        problems=sheet.book.finish(),
        left_out=_as_written(sheet, sheet.cells.frame.filter(bad)),
        rows=rows,
        rejected=int(bad.sum()),
        repeated=int((repeated & ~bad).sum()),
        skipped=rows - found.height + int(aside.sum()),
        conventions=sheet.conventions,
        rejected_numbers=found.filter(bad).select(NO_NUMBERS.columns)
        if sheet.kind is Kind.DOCUMENTS
        else NO_NUMBERS,
    )


def _as_written(sheet: Sheet, raw: pl.DataFrame) -> pl.DataFrame:
    """The rows as text that is read again the same: a workbook's own numbers get the decimal sign of the rest."""
    if sheet.conventions.decimal == "comma":
        columns = data_columns(raw)
        amounts = [
            sheet.cells.columns[field.name]
            for field in FIELDS_WITH_AMOUNTS
            if field.name in sheet.cells.columns
        ]
        for name in amounts:
            is_native = pl.col(TYPES).str.slice(columns.index(name), 1) == "n"
            comma = pl.col(name).str.replace(".", ",", literal=True)
            raw = raw.with_columns(pl.when(is_native).then(comma).otherwise(name).alias(name))
    return raw.rename({ROW: "row"}).drop(CELLS, TYPES)


def _without_identity(frame: pl.DataFrame, mapping: Mapping) -> pl.Series:
    """Rows of a report that name no customer, no document and no due date: rules, headings of groups, sums without a word."""
    needed = mapping.kind is Kind.DOCUMENTS and {"document_number", "due_on"} <= set(mapping.columns)
    names = [mapping.columns[name] for name in _IDENTITY if name in mapping.columns]
    if not needed or len(names) < len({"document_number", "due_on", "somebody"}):
        return pl.repeat(value=False, n=frame.height, eager=True, dtype=pl.Boolean)
    is_nothing = (~pl.col(name).fill_null("").str.contains(r"[\p{L}\p{N}]") for name in names)
    was_read = pl.col(CELLS) != -1  # broken quotes have their own problem
    return frame.select((was_read & pl.all_horizontal(is_nothing)).alias("nobody")).to_series()


def _balances(frame: pl.DataFrame, mapping: Mapping, columns: list[str]) -> pl.Series:
    """The lines of a statement that tell a balance and move nothing: «Saldo anterior», «Closing balance»."""
    moves = [mapping.columns[name] for name in ("amount", "credit", "debit") if name in mapping.columns]
    if mapping.kind is not Kind.RECEIPTS or not moves:
        return pl.repeat(value=False, n=frame.height, eager=True, dtype=pl.Boolean)
    if "balance" not in mapping.columns:  # there a balance stands where the sums do
        told = pl.any_horizontal(pl.col(name).str.contains(TOLD_BALANCE) for name in columns)
        return frame.select(told.fill_null(value=False).alias("balance")).to_series()
    says = pl.any_horizontal(pl.col(name).str.contains(BALANCE) for name in columns)
    still = pl.all_horizontal(~pl.col(name).fill_null("").str.contains(r"[1-9]") for name in moves)
    return frame.select((says & still).fill_null(value=False).alias("balance")).to_series()


def _remarks(frame: pl.DataFrame, mapping: Mapping, columns: list[str]) -> pl.Series:
    """The words that a report ends with, alone in their row: «Generado el …», or some words in a line without separators."""
    keys = [
        mapping.columns[name] for name in ("due_on", "on", "amount", "open_amount") if name in mapping.columns
    ]
    no = pl.lit(value=False)
    is_filled = [pl.col(name).fill_null("").str.contains(r"\S") for name in columns]
    is_alone = pl.sum_horizontal(is_filled) == 1 if len(columns) > 2 and keys else no
    words = pl.concat_str(columns, ignore_nulls=True).str.strip_chars()
    is_line = (pl.col(CELLS) == 1) & words.str.contains(r"\p{L}.*\s|\s.*\p{L}")
    says = words.str.contains(REMARK) | is_line
    blank = (
        pl.all_horizontal(pl.col(name).fill_null("").str.strip_chars() == "" for name in keys) if keys else no
    )
    return frame.select(
        (is_alone & (blank | is_line) & says).fill_null(value=False).alias("remark")
    ).to_series()


def _headings(frame: pl.DataFrame, mapping: Mapping) -> pl.Series:
    """The heading once more, as reports print it on every page and files that were glued together bring it."""
    columns = list(mapping.columns.values())
    is_heading = (pl.col(name).str.strip_chars() == name for name in columns)
    again = pl.all_horizontal(is_heading) if len(columns) > 1 else pl.lit(value=False)
    return frame.select(again.fill_null(value=False).alias("heading")).to_series()


def _totals(frame: pl.DataFrame, mapping: Mapping, columns: list[str]) -> pl.Series:
    """Rows that add up the others: a cell says «Total» and the fields that identify a row are empty."""
    keys = [
        mapping.columns[name]
        for name in ("document_number", "due_on", "on", "email")
        if name in mapping.columns
    ]
    says = pl.any_horizontal(pl.col(name).str.contains(TOTAL) for name in columns)
    nothing = [
        (pl.col(name).str.strip_chars().str.len_chars() == 0) | pl.col(name).str.contains(TOTAL)
        for name in keys
    ]
    mask = says & pl.all_horizontal(nothing) if nothing else pl.lit(value=False)
    return frame.select(mask.fill_null(value=False).alias("total")).to_series()
