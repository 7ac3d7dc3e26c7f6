"""Rejected rows corrected where they are: cell by cell or all of a kind at once, and taken as a further load of their source."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.intake.mapping.fields import FIELDS, Kind
from aldia.intake.models import Load, LoadProblem, LoadState, RejectedRow
from aldia.intake.requests import LoadRequest
from aldia.intake.services.loading import preview
from aldia.intake.services.progress import OnStep, quiet

ANSWERS: Final = ("date_order", "decimal", "currency", "rounding")  # what may be said of all rows at once
_LONGEST: Final = 2_000


class UnableToRepair(Exception):
    """Raised when a load has no rows that can be corrected here; says why."""


@transaction.atomic
def write_cells(*, actor: Actor, load_id: int, cells: Mapping[int, Mapping[str, str]]) -> int:
    """Keep what a person wrote over cells of rejected rows (row -> field -> text); return how many rows changed.

    A text that is what the file says is no repair. Raises UnableToRepair, NotAllowed, Load.DoesNotExist.
    """
    load = _repairable(actor, load_id)
    columns: dict[str, str] = load.mapping["columns"]
    rows = RejectedRow.objects.of(actor.organisation_id).filter(load=load, row__in=list(cells))
    changed = []
    for row in rows:
        told = {
            columns[name]: text.strip()[:_LONGEST] for name, text in cells[row.row].items() if name in columns
        }
        after = {
            column: text
            for column, text in (row.repaired | told).items()
            if text != str(row.cells.get(column) or "").strip()
        }
        if after != row.repaired:
            row.repaired = after
            changed.append(row)
    RejectedRow.objects.of(actor.organisation_id).bulk_update(changed, ["repaired"], batch_size=500)
    return len(changed)


@transaction.atomic
def fill_group(*, actor: Actor, load_id: int, code: str, field: str, text: str) -> int:
    """Write the same text over that field of every row with that problem, where nobody wrote another; return how many.

    Raises UnableToRepair, NotAllowed, Load.DoesNotExist.
    """
    load = _repairable(actor, load_id)
    column = load.mapping["columns"].get(field)
    if column is None:
        raise UnableToRepair(_("El archivo no tiene esa columna."))
    having = LoadProblem.objects.of(actor.organisation_id).filter(load=load, code=code, field=field)
    rows = RejectedRow.objects.of(actor.organisation_id).filter(load=load, row__in=having.values("row"))
    changed = [row for row in rows if column not in row.repaired]
    for row in changed:
        row.repaired[column] = text.strip()[:_LONGEST]
    RejectedRow.objects.of(actor.organisation_id).bulk_update(changed, ["repaired"], batch_size=500)
    return len(changed)


def check_repairs(
    *, actor: Actor, load_id: int, answers: Mapping[str, str], clock: Clock, on_step: OnStep = quiet
) -> Load:
    """Return a further load, looked at and not merged, of the rows that a load left out, as they are now corrected.

    `answers` says of all of them what ANSWERS names. Rows keep the number that they have in the file. Raises UnableToRepair,
    NotAllowed, Load.DoesNotExist and the refusals of `preview`.
    """
    load = _repairable(actor, load_id)
    request = _request(load, {name: answers[name] for name in ANSWERS if answers.get(name)})
    with tempfile.TemporaryDirectory(prefix="aldia-filas-") as folder:
        path = Path(folder) / f"{Path(load.file.name if load.file else _('filas')).stem[:100]}-corregidas.csv"
        _write(path, list(load.left_out.of(actor.organisation_id).order_by("row")))
        found = preview(actor=actor, path=path, request=request, clock=clock, on_step=on_step)
    with transaction.atomic():
        waiting = Load.objects.of(actor.organisation_id).filter(repairs=load, state=LoadState.PREVIEWED)
        waiting.delete()
        found.repairs = load
        found.save(update_fields=["repairs"])
        repaired = load.left_out.of(actor.organisation_id).exclude(repaired={}).count()
        audit.record(
            actor=actor, verb="intake.load.repair", object_type="load", object_id=load.pk, now=clock.now,
            data={"load": found.pk, "rows": repaired, **answers},
        )  # fmt: skip
    return found


def _repairable(actor: Actor, load_id: int) -> Load:
    actor.check(Permission.LOAD_FILES)
    load: Load = Load.objects.of(actor.organisation_id).select_related("file").get(pk=load_id)
    if load.state != LoadState.MERGED:
        raise UnableToRepair(
            _("Primero importa las filas que están bien; las que quedan fuera se corrigen después.")
        )
    if load.repaired_by.of(actor.organisation_id).filter(state=LoadState.MERGED).exists():
        raise UnableToRepair(
            _("Estas filas ya se corrigieron: lo que falte está en la importación que las trajo.")
        )
    if not load.left_out.of(actor.organisation_id).exists():
        raise UnableToRepair(_("Esta importación no dejó filas fuera."))
    return load


def _request(load: Load, answers: Mapping[str, str]) -> LoadRequest:
    """As the load was asked for and read, with the answers over it; never a full list: it is only what was left out."""
    asked, reading = LoadRequest.from_data(load.options), load.reading
    names = [field.name for field in FIELDS[Kind(load.kind)]]
    read = {name: reading.get(name) or "" for name in ("date_order", "decimal")}
    currency = asked.currency or reading.get("currency") or ""
    mapping: dict[str, Any] = {
        "kind": load.kind,
        "columns": {**dict.fromkeys(names), **load.mapping["columns"]},
        "encoding": "utf-8",
        "separator": ",",
        "header_row": 1,
    }
    told: dict[str, Any] = {**read, "currency": currency, **answers}
    return replace(asked, as_of=load.as_of, is_full_refresh=False, is_strict=False, mapping=mapping, **told)


def _write(path: Path, rows: Iterable[RejectedRow]) -> None:
    """Write the rows where they stand in their file, with blank lines between: a problem then names the same row."""
    rows = list(rows)
    columns = list(rows[0].cells)
    shift = 1 if rows[0].row == 1 else 0  # a file without headings
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        table.writerow(columns)
        last = 1
        for row in rows:
            out.write("\n" * (row.row + shift - last - 1))
            table.writerow([row.repaired.get(column, row.cells.get(column) or "") for column in columns])
            last = row.row + shift
