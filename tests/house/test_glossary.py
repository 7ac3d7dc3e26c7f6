"""Words are a public interface: GLOSARIO.md and the tables say the same."""

import re

from django.apps import apps

from tests.house.sources import ROOT

ROW = re.compile(r"^\| `(\w+)` \|(.*)\|$", re.M)


def _rows() -> dict[str, list[str]]:
    text = (ROOT / "GLOSARIO.md").read_text(encoding="utf-8").split("## Tablas", 1)[1].split("\n## ", 1)[0]
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in ROW.findall(text)}


def test_every_table_is_in_the_glossary_and_every_row_is_a_table() -> None:
    tables = {model.__name__ for model in apps.get_models() if model.__module__.startswith("aldia.")}
    rows = set(_rows())
    assert tables - rows == set(), "add to GLOSARIO.md"
    assert rows - tables == set(), "no such table"


def test_every_word_has_its_spanish_its_portuguese_and_its_meaning() -> None:
    assert all(len(cells) == 3 and all(cells) for cells in _rows().values())


def test_no_two_tables_share_a_spanish_word() -> None:
    words = [cells[0].lower() for cells in _rows().values()]
    assert len(words) == len(set(words))
