"""Contacts of a file: how to reach each customer."""

import polars as pl

from aldia.intake.checking import typed
from aldia.intake.checking.options import Checked, Conventions, LoadOptions
from aldia.intake.checking.rows import attributes_of, open_sheet, seal
from aldia.intake.mapping.fields import CONSENTS
from aldia.intake.mapping.mapping import Mapping


def check_contacts(
    frame: pl.DataFrame,
    mapping: Mapping,
    options: LoadOptions,
    *,
    conventions: Conventions | None = None,
    separator: str = ",",
) -> Checked:
    """The frame's rows as contacts. A customer may come on several rows; a row that reaches nobody is an error."""
    sheet, rows = open_sheet(frame, mapping, options, conventions=conventions, separator=separator)
    columns: dict[str, pl.Series] = (
        {"row": sheet.book.rows} | typed.who_columns(sheet) | typed.reach_columns(sheet)
    )
    columns |= typed.consent_columns(sheet)
    columns["notes"] = typed.text(sheet, "notes")
    columns["attributes"] = attributes_of(sheet, mapping)
    given = [
        name for name in ("email", "phone", "customer_name", "language", *CONSENTS) if sheet.cells.has(name)
    ]
    empty = (
        pl.DataFrame([sheet.cells.text(name).alias(name) for name in given])
        .select(pl.all_horizontal(pl.all().is_null()))
        .to_series()
    )
    sheet.book.add("missing_reach", given[0], empty, "")
    return seal(pl.DataFrame(columns), sheet, rows=rows)
