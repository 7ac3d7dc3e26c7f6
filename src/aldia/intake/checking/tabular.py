"""The reader of tables for `read`, and the checks by kind of file, whole or piece by piece."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from aldia.intake.checking.contacts import check_contacts
from aldia.intake.checking.conventions import detect_conventions
from aldia.intake.checking.documents import check_documents
from aldia.intake.checking.memory import Memory
from aldia.intake.checking.options import Checked, Conventions, LoadOptions
from aldia.intake.checking.receipts import check_receipts
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.mapping import Mapping, MappingNeeded
from aldia.intake.mapping.propose import propose_for, propose_mapping
from aldia.intake.mapping.reports import as_list
from aldia.intake.readers.bank.from_table import statements_of
from aldia.intake.readers.limits import DEFAULT, Limits
from aldia.intake.readers.refusals import Refused, SheetNeeded
from aldia.intake.readers.registry import FormatReader, Normalised
from aldia.intake.readers.table import RawTable, read_table

NO_OPTIONS = LoadOptions()


Recall = Callable[[list[str]], Mapping | None]


def _nothing(columns: list[str]) -> None:
    """Remember no mapping of these columns."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What `read` may be told: the kind of rows, a mapping, and the options of a load."""

    kind: Kind | None = None
    mapping: Mapping | None = None
    load: LoadOptions = NO_OPTIONS


def open_table(
    path: Path | str,
    kind: Kind | str,
    *,
    given: Mapping | None = None,
    recall: Recall = _nothing,
    limits: Limits = DEFAULT,
) -> tuple[RawTable, Mapping]:
    """The table and its mapping, as given, else as remembered, else proposed; of several sheets the only one whose columns fit
    the kind.

    Raises FileRefused, SheetNeeded, MappingNeeded, MappingRefused.
    """
    chosen = Kind(kind)
    table = _opened(path, [chosen], given, limits)
    try:
        return table, propose_mapping(table, chosen, given=given or recall(table.columns))
    except Refused:
        table.close()
        raise


def _opened(path: Path | str, kinds: list[Kind], given: Mapping | None, limits: Limits = DEFAULT) -> RawTable:
    """The table; of several sheets the only one whose columns fit, for the first of the kinds that any fits."""
    request = given.request() if given else None
    try:
        table = read_table(path, limits=limits, request=request)
    except SheetNeeded as needed:
        table = read_table(path, limits=limits, request=request, sheet=_only_fitting(needed, kinds, given))
    return as_list(table) if Kind.DOCUMENTS in kinds else table


def _only_fitting(needed: SheetNeeded, kinds: list[Kind], given: Mapping | None) -> str:
    for kind in kinds:
        fitting = [str(sheet["sheet"]) for sheet in needed.tables if _fits(sheet["columns"], kind, given)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    raise needed


def check_table(
    table: RawTable,
    mapping: Mapping,
    options: LoadOptions,
    *,
    size: int = 50_000,
    keep_outgoing: bool = False,
) -> Iterator[Checked]:
    """The checks of a whole file in pieces of bounded memory: conventions from all rows first, repetitions across pieces.

    Raises AmbiguousDates, AmbiguousDecimals, CurrencyNeeded before the first piece.
    """
    conventions = detect_conventions(table.chunks(size), mapping, options, columns=table.columns)
    memory = Memory()
    for frame in table.chunks(size):
        yield _check(
            frame,
            mapping,
            options,
            conventions,
            memory,
            table.dialect.separator or ",",
            keep_outgoing=keep_outgoing,
        )


def _check(
    frame: pl.DataFrame,
    mapping: Mapping,
    options: LoadOptions,
    conventions: Conventions,
    memory: Memory,
    separator: str,
    *,
    keep_outgoing: bool,
) -> Checked:
    if mapping.kind is Kind.CONTACTS:
        return check_contacts(frame, mapping, options, conventions=conventions, separator=separator)
    if mapping.kind is Kind.RECEIPTS:
        return check_receipts(
            frame,
            mapping,
            options,
            conventions=conventions,
            memory=memory,
            separator=separator,
            keep_outgoing=keep_outgoing,
        )
    return check_documents(
        frame, mapping, options, conventions=conventions, memory=memory, separator=separator
    )


def read(path: Path, options: ReadOptions | None = None) -> Normalised:
    """The normalised records of a table; raw cells and the reason where they cannot be typed. Raises FileRefused."""
    options = options or ReadOptions()
    kinds = [options.kind] if options.kind else [Kind.DOCUMENTS, Kind.RECEIPTS, Kind.CONTACTS]
    table = _opened(path, kinds, options.mapping)
    answer: Normalised = {
        "format": table.dialect.format,
        "dialect": {**table.dialect.to_dict(), "columns": table.columns, "rows": table.rows},
        "mapping": None,
    }
    try:
        mapping = _mapping_of(table, kinds, options.mapping)
        answer["mapping"] = mapping.to_dict()
        pieces = list(check_table(table, mapping, options.load, keep_outgoing=True))
    except Refused as refused:
        records = [record for frame in table.chunks() for record in _raw_records(frame, table.columns)]
        return answer | {"records": records, "problems": [refused.as_problem()]}
    finally:
        table.close()
    answer["conventions"] = pieces[0].conventions.to_dict()
    answer["records"] = [record for piece in pieces for record in _records(piece.good)]
    answer["problems"] = [problem for piece in pieces for problem in piece.problems.to_dicts()]
    if mapping.kind is Kind.RECEIPTS and (statements := statements_of(answer["records"], mapping.columns)):
        answer["statements"] = statements
    return answer


def _mapping_of(table: RawTable, kinds: list[Kind], given: Mapping | None) -> Mapping:
    """The mapping of the first kind that the columns fit. Raises MappingNeeded of the nearest."""
    refused: list[MappingNeeded] = []
    for kind in kinds:
        try:
            found = propose_mapping(table, kind, given=given)
        except MappingNeeded as needed:
            refused.append(needed)
        else:
            if not refused or _is_about_people(found, table.columns):
                return found
    raise refused[0]


def _is_about_people(mapping: Mapping, columns: list[str]) -> bool:
    """Whether what is left after the other kinds did not fit is a list of people.

    A code and a name stand in every list of debts: beside columns that nobody understood, they prove nothing.
    """
    if mapping.kind is not Kind.CONTACTS:
        return True
    identity = {"customer_id", "customer_name", "tax_id"}
    return not mapping.columns.keys() <= identity or len(mapping.columns) == len(columns)


def _fits(columns: list[str], kind: Kind, given: Mapping | None) -> bool:
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        propose_for(columns, empty, kind, given=given)
    except Refused:
        return False
    return True


def _records(good: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in row.items() if value is not None and value != "{}"}
        for row in good.iter_rows(named=True)
    ]


def _raw_records(frame: pl.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    return [
        {"row": row["_row"], "cells": {name: row[name] for name in columns if row[name]}}
        for row in frame.iter_rows(named=True)
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


READER = FormatReader("table", claims=lambda head, path: True, read=read)
