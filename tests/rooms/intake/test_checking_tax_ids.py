"""Tax ids by the column are what they are one at a time."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.ar import cuit
from stdnum.br import cnpj, cpf
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.pe import ruc

from aldia.intake.checking.identity import tax_id
from aldia.intake.checking.plain_tax_ids import plain_tax_ids

MAKERS = {
    "ar": ("AR", range(10, 11), cuit.calc_check_digit), "cnpj": ("BR", range(12, 13), cnpj.calc_check_digits),
    "cpf": ("BR", range(9, 10), cpf._calc_check_digits), "cl": ("CL", range(7, 9), rut.calc_check_digit),
    "co": ("CO", range(5, 16), nit.calc_check_digit), "pe": ("PE", range(10, 11), ruc.calc_check_digit),
}  # fmt: skip
BEGINNINGS = ("20", "30", "10", "99", "000000000000", "0", "")


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str | None]:
    country, sizes, check = MAKERS[draw(st.sampled_from(sorted(MAKERS)))]
    size = draw(st.sampled_from(sizes))
    body = (draw(st.sampled_from(BEGINNINGS)) + draw(st.text("0123456789", min_size=size, max_size=size)))[
        :size
    ]
    whole = body + check(body)
    whole = draw(st.sampled_from([whole, whole, whole, whole.lower(), whole[:-1] + "7"]))
    at = draw(st.integers(0, len(whole)))
    whole = whole[:at] + draw(st.sampled_from(["", "", "-", ".", " ", "/", "_", "CL"])) + whole[at:]
    return whole, draw(st.sampled_from([country, country, None, "AR"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(written(), min_size=1, max_size=40))
def test_what_is_proven_by_the_column_is_what_is_proven_one_at_a_time(
    cells: list[tuple[str, str | None]],
) -> None:
    raw, country = (pl.Series(values, dtype=pl.String) for values in zip(*cells, strict=True))
    for (text, where), found in zip(cells, plain_tax_ids(raw, country).rows(), strict=True):
        assert found[0] is None or tax_id(text, where) == found


def test_the_usual_ids_are_proven_by_the_column() -> None:
    cells = {"30-71659554-0": "AR", "11.222.333/0001-81": "BR", "390.533.447-05": "BR", "76.086.428-5": "CL",
             "20512333797": "PE", "213.123.432-1": "CO"}  # fmt: skip
    found = plain_tax_ids(pl.Series(list(cells)), pl.Series(list(cells.values())))
    assert found["tax_id_kind"].to_list() == ["ar.cuit", "br.cnpj", "br.cpf", "cl.rut", "pe.ruc", "co.nit"]


@pytest.mark.parametrize(
    ("written", "country", "compact"),
    [
        ("CUIT: 30-71659554-0", "AR", "30716595540"),
        ("'30716595540", "AR", "30716595540"),
        ("30716595540.0", "AR", "30716595540"),
        ("3.0716595540E+10", "AR", "30716595540"),
        ("NIT 213.123.432-1", "CO", "2131234321"),
        ("2131234321.0", "CO", "2131234321"),  # its last zero would make another id that is right as well
        ("RUC 20512333797", "PE", "20512333797"),
        ("20.512.333.797", "PE", "20512333797"),
        ("20512333797\u200b", "PE", "20512333797"),
        ("76086428\u20135", "CL", "760864285"),
        ("9053344772", "BR", "09053344772"),  # a spreadsheet took the zero
    ],
)
def test_what_spreadsheets_and_people_put_around_an_id_is_no_part_of_it(
    written: str, country: str, compact: str
) -> None:
    assert tax_id(written, country)[::2] == (compact, True)
    (found,) = plain_tax_ids(pl.Series([written]), pl.Series([country])).rows()
    assert found[0] in {None, compact}


@pytest.mark.parametrize("written", ["3.07E+10", "30-71659554-1", "307165955", "30716595540 y otro"])
def test_an_id_that_nothing_proves_is_never_mended(written: str) -> None:
    assert tax_id(written, "PE")[1:] == (None, False)
