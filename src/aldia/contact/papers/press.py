"""Sets a paper with typst: values go in as data, never as typst code."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

_SHEETS = Path(__file__).parent
_FONTS = typst.Fonts(
    include_system_fonts=False
)  # typst's own: the same paper on every machine, and found once, not each time


@dataclass(frozen=True, kw_only=True)
class Headed:
    """What heads every paper of `paper.typ`: from whom, to whom and of which day, written already in the language of the rest."""

    creditor: str
    creditor_lines: tuple[str, ...]
    debtor: str
    debtor_tax_id: str
    as_of: str
    language: str


def pdf_of(sheet: str, data: dict[str, Any]) -> bytes:
    """Return the PDF of a sheet (`statement.typ`) filled with the data. Same data, same bytes but for the date of making."""
    made = typst.compile(
        _SHEETS / f"{sheet}.typ",
        root=_SHEETS,
        font_paths=_FONTS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__} for {sheet}, expected one PDF")
    return made
