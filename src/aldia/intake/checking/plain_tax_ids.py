"""Tax ids by the column: the check digits of the countries that file most, as sums of weights. The rest goes one at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl


@dataclass(frozen=True)
class _Scheme:
    """A kind of tax id. `checks` are weights from the left, once padded to `width`, and the digit for each remainder by 11."""

    kind: str
    separators: str
    pattern: str
    width: int
    checks: tuple[tuple[Sequence[int], str], ...]


_ELEVEN: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_CNPJ: Final = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_NIT: Final = (71, 67, 59, 53, 47, 43, 41, 37, 29, 23, 19, 17, 13, 7, 3)
_BRAZIL: Final = "00987654321"
_SCHEMES: Final = {
    "AR": (_Scheme("ar.cuit", " -", r"^(20|23|24|27|30|33|34|50|51|55)[0-9]{9}$", 11, ((_ELEVEN, "09987654321"),)),),
    "BR": (
        _Scheme("br.cnpj", r" -./", r"^[0-9]{14}$", 14, ((_CNPJ[1:], _BRAZIL), (_CNPJ, _BRAZIL))),
        _Scheme("br.cpf", " -.", r"^[0-9]{11}$", 11, ((range(10, 1, -1), _BRAZIL), (range(11, 1, -1), _BRAZIL))),
    ),
    "CL": (_Scheme("cl.rut", " -.", r"^[0-9]{7,8}[0-9K]$", 9, (((8, 9, 4, 5, 6, 7, 8, 9), "0123456789K"),)),),
    "CO": (_Scheme("co.nit", ".,- ", r"^[0-9]{8,16}$", 16, ((_NIT, "01987654321"),)),),
    "PE": (_Scheme("pe.ruc", " ", r"^(10|15|17|20)[0-9]{9}$", 11, ((_ELEVEN, "10987654321"),)),),
}  # fmt: skip


def plain_tax_ids(raw: pl.Series, country: pl.Series) -> pl.DataFrame:
    """Return (tax_id, tax_id_kind, is_valid) of the cells proven here, as `identity.tax_id` gives them; null for all others."""
    cells = pl.DataFrame({"raw": raw, "country": country})
    found: list[pl.Expr] = []
    for name in country.drop_nulls().unique().sort():
        found += [_proven(scheme, pl.col("country") == name) for scheme in _SCHEMES.get(name, ())]
    blank = pl.lit(None, pl.Struct({"tax_id": pl.String, "tax_id_kind": pl.String, "is_valid": pl.Boolean}))
    return cells.select(found=pl.coalesce(*found, blank)).unnest("found") if found else _nobody(raw.len())


def _nobody(height: int) -> pl.DataFrame:
    schema = {"tax_id": pl.String, "tax_id_kind": pl.String, "is_valid": pl.Boolean}
    return pl.DataFrame(
        {name: pl.repeat(None, height, dtype=kind, eager=True) for name, kind in schema.items()}
    )


def _proven(scheme: _Scheme, is_there: pl.Expr) -> pl.Expr:
    compact = pl.col("raw").str.replace_all(f"[{re.escape(scheme.separators)}]", "").str.to_uppercase()
    is_number = pl.col("raw").str.contains(
        r"^\s*[0-9]{5,}[.,]0+\s*$"
    )  # a spreadsheet's: its zero is no digit of the id
    shaped = pl.when(is_there & ~is_number & compact.str.contains(scheme.pattern)).then(compact)
    padded = shaped.str.zfill(scheme.width)
    is_right = [padded.str.contains("[1-9]")]
    for weights, digits in scheme.checks:
        body = padded.str.slice(0, len(weights)).cast(pl.Int64, strict=False)
        ahead = (body // 10**at % 10 * weight for at, weight in enumerate(reversed(weights)))
        expected = pl.lit(pl.Series(list(digits))).gather(pl.sum_horizontal(*ahead) % 11)
        is_right.append(padded.str.slice(len(weights), 1) == expected)
    answer = pl.struct(tax_id=compact, tax_id_kind=pl.lit(scheme.kind), is_valid=pl.lit(value=True))
    return pl.when(pl.all_horizontal(is_right)).then(answer)
