"""Rows that another system says in our own words: loaded through the same door as a file, with nothing to guess."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aldia.access.actors import Actor, Clock
from aldia.intake.mapping.fields import FIELDS, Kind
from aldia.intake.requests import LoadRequest, LoadResult
from aldia.intake.services.contacts import load_contacts
from aldia.intake.services.loading import load


def load_rows(
    *,
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    request: LoadRequest,
    clock: Clock,
    name: str,
    is_dry_run: bool = False,
) -> LoadResult:
    """Return what loading the rows does; each names its facts as `mapping.fields` does, dates ISO and amounts with a point.

    Raises what `load` and `load_contacts` raise.
    """
    names = [field.name for field in FIELDS[Kind(request.kind)]]
    columns = [each for each in names if any(row.get(each) not in {None, ""} for row in rows)]
    told = {
        "kind": request.kind,
        "columns": {each: each for each in columns},
        "separator": ",",
        "encoding": "utf-8",
        "header_row": 1,
    }
    asked = replace(request, date_order="ymd", decimal="dot", mapping=told)
    take = load_contacts if request.kind == "contacts" else load
    with tempfile.TemporaryDirectory(prefix="aldia-rows-") as folder:
        path = Path(folder) / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(columns)
            writer.writerows([row.get(each, "") for each in columns] for row in rows)
        return take(actor=actor, path=path, request=asked, clock=clock, is_dry_run=is_dry_run)
