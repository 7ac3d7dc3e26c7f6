"""Takes a file of exchange rates: day, currency, in which currency, rate. A bad row is told, the good ones enter."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from aldia.access.actors import Actor, Clock
from aldia.domain.money import EXPONENTS, LOCAL_NAMES
from aldia.intake.readers.refusals import Refused
from aldia.intake.readers.table import read_table
from aldia.intake.requests import MOST_PROBLEMS, LoadResult
from aldia.ledger import services as ledger

COLUMNS = {
    "on": ("fecha", "date", "data", "día", "dia"),
    "currency": ("moneda", "currency", "moeda", "de", "from"),
    "quote": ("en", "contra", "quote", "em", "to", "moneda_destino"),
    "rate": ("tasa", "tipo_de_cambio", "tc", "rate", "taxa", "cotizacion", "cotización", "cotação", "valor"),
}
_EXPECTED = {
    "on": "2026-11-22",
    "currency": "USD",
    "quote": "ARS",
    "rate": "1450.50",
}


class RatesRefused(Refused):
    """A file without the four columns of a rate."""


def load_rates(*, actor: Actor, path: Path, source: str, clock: Clock) -> LoadResult:
    """Return how many rates of the file are new, the same and rejected. Raises RatesRefused, FileRefused, NotAllowed."""
    table = read_table(path)
    try:
        cells = pl.concat([*table.chunks()]) if table.rows else pl.DataFrame()
        typed = _typed(cells, _named(table.columns))
    finally:
        table.close()
    is_bad = pl.any_horizontal(pl.col(name).is_null() for name in COLUMNS)
    good = typed.filter(~is_bad)
    new = ledger.record_rates(actor=actor, rates=good.select(*COLUMNS), source=source, clock=clock)
    problems = [problem for row in typed.filter(is_bad).iter_rows(named=True) for problem in _problems(row)]
    return LoadResult(
        rows=typed.height, new=new, changed=0, same=good.height - new, rejected=typed.height - good.height, receipts=0,
        problems=problems[:MOST_PROBLEMS], problems_total=len(problems),
    )  # fmt: skip


def _named(columns: list[str]) -> dict[str, str]:
    """The column of each part of a rate."""
    plain = {column.strip().lower().replace(" ", "_"): column for column in columns}
    found = {
        name: next((plain[word] for word in words if word in plain), None) for name, words in COLUMNS.items()
    }
    if lost := [name for name, column in found.items() if column is None]:
        raise RatesRefused(
            "rates_columns",
            found=_("Columnas del archivo: %(columns)s.") % {"columns": ", ".join(columns)},
            expected=_("Las columnas fecha, moneda, en y tasa: «2026-11-22, USD, ARS, 1450.50»."),
            hint=_("Falta: %(names)s.") % {"names": ", ".join(COLUMNS[name][0] for name in lost)},
            field=lost[0],
        )
    return {name: str(column) for name, column in found.items()}


def _typed(cells: pl.DataFrame, named: dict[str, str]) -> pl.DataFrame:
    """Each part read, null where it cannot be, with the cell as it was in `raw_…`."""
    if cells.is_empty():
        return pl.DataFrame(schema={"row": pl.Int64, **dict.fromkeys(COLUMNS, pl.String)})
    raw = cells.select(
        "_row", **{f"raw_{name}": pl.col(column).str.strip_chars() for name, column in named.items()}
    )
    codes = list(EXPONENTS)
    day, rate = pl.col("raw_on"), pl.col("raw_rate").str.replace(",", ".", literal=True)
    upper = {
        name: pl.col(f"raw_{name}").str.to_uppercase().replace(LOCAL_NAMES) for name in ("currency", "quote")
    }
    is_rate = rate.str.contains(r"^\d{1,13}(\.\d{1,10})?$") & rate.str.contains("[1-9]")
    is_pair = upper["currency"] != upper["quote"]
    return raw.with_columns(
        row=pl.col("_row").cast(pl.Int64),
        on=pl.coalesce(day.str.to_date("%Y-%m-%d", strict=False), day.str.to_date("%d/%m/%Y", strict=False)),
        currency=pl.when(upper["currency"].is_in(codes)).then(upper["currency"]),
        quote=pl.when(upper["quote"].is_in(codes) & is_pair).then(upper["quote"]),
        rate=pl.when(is_rate).then(rate),
    )


def _problems(row: dict[str, object]) -> list[dict[str, object]]:
    """What is wrong with a row, a problem a cell."""
    return [
        {
            "row": row["row"], "field": name, "code": "rate_unreadable", "severity": "error", "found": row[f"raw_{name}"] or "",
            "expected": _("Algo como %(example)s.") % {"example": _EXPECTED[name]},
            "hint": _("Corrige la celda y vuelve a cargar el archivo: lo que ya entró no se repite."),
        }
        for name in COLUMNS if row[name] is None
    ]  # fmt: skip
