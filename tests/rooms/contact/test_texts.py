"""Filling a text: the values as they are, and one point where a name already ends in one."""

import pytest

from aldia.contact.texts import fill


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("Hola, {nombre}.", "Ferretería Sur S.A.", "Hola, Ferretería Sur S.A."),
        ("Hola, {nombre}. Gracias.", "Nélida", "Hola, Nélida. Gracias."),
        ("{nombre}, gracias.", "Hotel Sol S.R.L.", "Hotel Sol S.R.L., gracias."),
    ],
)
def test_a_name_that_ends_in_a_point_does_not_double_it(text: str, name: str, written: str) -> None:
    assert fill(text, {"nombre": name}) == written
