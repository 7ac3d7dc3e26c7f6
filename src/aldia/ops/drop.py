"""The file drop for other systems: `entrada/` is read by the clock, `salida/` has each finished day's receipts and promises.

    ALDIA_HOME/entrada/<cartera>/archivo        taken; then in hechos/ or rechazados/, with a report beside it
    ALDIA_HOME/salida/<fecha>/cobros.csv, promesas.csv

Debts, receipts (cobros…) and files of banks (extracto…) come so. With several organisations, a
folder with the key of each comes first. A file is taken when it is ten seconds old and its name
does not end in .part or .tmp, so that whoever writes it may take its time; taken twice it changes nothing.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from aldia.access import actors
from aldia.access import selectors as access
from aldia.db.whole_files import write_whole
from aldia.domain.cells import inert
from aldia.domain.money import to_major
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.intake.requests import LoadRequest
from aldia.ledger import selectors as ledger
from aldia.ops import telling
from aldia.payments import services as payments

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.access.models import Organisation

log = logging.getLogger(__name__)
DONE, REFUSED, OPTIONS = "hechos", "rechazados", "opciones.json"
_UNFINISHED: Final = (".part", ".tmp")
_SETTLED: Final = timedelta(seconds=10)
_DAYS_BACK: Final = 31
_RECEIPTS: Final = "cobros"  # files whose name begins so bring receipts
_STATEMENTS: Final = ("extracto", "banco")  # files whose name begins so bring a bank's movements
_ACCOUNT: Final = "bank_account"  # in the options: whose movements they are, where a file does not say it
_TOLD: Final = {field.name for field in fields(LoadRequest)} - {"kind", "portfolio", "as_of"}


def take_all(organisation: Organisation, *, now: datetime) -> list[dict[str, Any]]:
    """Take every file that waits for the organisation, oldest first; return the report of each. One process at a time."""
    root = _root("entrada", organisation)
    if not root.is_dir():
        return []
    with _alone(root) as is_alone:
        if not is_alone:
            return []
        return [
            _take(organisation, folder, path, now)
            for folder in _sources(root)
            for path in _waiting(folder, now)
        ]


def tell_days(organisation: Organisation, *, now: datetime) -> list[Path]:
    """Write the finished days that were not told yet, from the last one that was (at most a month back); return the files."""
    root, today = _root("salida", organisation), access.clock_of(organisation, now).as_of
    told = sorted(path.name for path in root.glob("????-??-??")) if root.is_dir() else []
    next_on = date.fromisoformat(told[-1]) + timedelta(days=1) if told else today - timedelta(days=1)
    first = max(next_on, today - timedelta(days=_DAYS_BACK))
    days = [first + timedelta(days=turn) for turn in range(max((today - first).days, 0))]
    return [path for on in days for path in _tell_day(organisation, root / on.isoformat(), on)]


def _take(organisation: Organisation, folder: Path, path: Path, now: datetime) -> dict[str, Any]:
    actor, clock = actors.system(organisation.pk), access.clock_of(organisation, now)
    report: dict[str, Any] = {"file": path.name, "source": folder.name, "taken_at": now.isoformat()}
    place = REFUSED
    try:
        brought, is_refused = _brought(actor, folder, path, clock)
        report |= brought
        place = REFUSED if is_refused else DONE
    except Refused as refused:
        report |= {"problems": [refused.as_problem()], "problems_total": 1}
    except Exception as error:  # a file must not stop the others; its report says what happened
        log.exception("the file %s of %s could not be taken", path.name, folder.name)
        report |= {
            "problems": [{"code": "failed", "found": f"{type(error).__name__}: {error}"[:300]}],
            "problems_total": 1,
        }
    report["state"] = "done" if place == DONE else "refused"
    _put_away(path, folder / place / clock.as_of.isoformat(), report)
    return report


def _brought(actor: Actor, folder: Path, path: Path, clock: Clock) -> tuple[dict[str, Any], bool]:
    """What the file brought, and whether it was refused. A bank's formats are known by what is in them, its tables by their name."""
    told = _options(folder)
    if path.name.lower().startswith(_STATEMENTS):
        return _of_bank(actor, folder, path, told, clock), False
    try:
        result = intake.load(
            actor=actor, path=path, request=_request(folder, path, told), clock=clock, is_dry_run=False
        )
    except intake.EinvoicesRefused as refused:
        if refused.code != "bank_file":
            raise
        return _of_bank(actor, folder, path, told, clock), False
    return result.as_data(), result.is_refused


def _of_bank(actor: Actor, folder: Path, path: Path, told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """What a statement, a collection return or a report of returned payments brought. Raises Refused."""
    portfolio = next((row for row in ledger.portfolios(actor) if folder.name in {row.key, row.name}), None)
    asked = intake.BankRequest(
        account=str(told.get(_ACCOUNT, "")), currency=str(told.get("currency", "")), rounding=str(told.get("rounding", "")),
        portfolio_id=portfolio.pk if portfolio else None, mapping=told.get("mapping"),
    )  # fmt: skip
    try:
        done = intake.take_bank_file(actor=actor, path=path, name=path.name, request=asked, clock=clock)
    except (payments.BadStatement, payments.UnknownBankAccount) as error:
        raise Refused("bank_account", found=str(error), expected=_ACCOUNT, field=OPTIONS) from error
    return {"kind": "bank", **done.as_data(), "same": done.lines - done.new, "rejected": 0}


def _options(folder: Path) -> dict[str, Any]:
    """What `opciones.json` of the folder says of all its files. Raises Refused when it says something unknown."""
    place = folder / OPTIONS
    told: dict[str, Any] = {}
    if place.is_file():
        try:
            told = json.loads(place.read_text(encoding="utf-8"))
            unknown = sorted(set(told) - _TOLD - {_ACCOUNT})
        except (ValueError, TypeError) as error:
            raise Refused(
                "bad_options", found=OPTIONS, expected="JSON", hint=str(error), field=OPTIONS
            ) from error
        if unknown:
            raise Refused(
                "bad_options",
                found=", ".join(unknown),
                expected=", ".join(sorted({*_TOLD, _ACCOUNT})),
                field=OPTIONS,
            )
    return told


def _request(folder: Path, path: Path, told: dict[str, Any]) -> LoadRequest:
    kind = "receipts" if path.name.lower().startswith(_RECEIPTS) else "documents"
    own = {name: value for name, value in told.items() if name in _TOLD}
    return LoadRequest(**{**own, "kind": kind, "portfolio": folder.name})


def _put_away(path: Path, place: Path, report: dict[str, Any]) -> None:
    """The report first, then the file: a fall between them takes the file again, which changes nothing."""
    place.mkdir(parents=True, exist_ok=True)
    name, turn = path.name, 1
    while (place / name).exists():
        turn += 1
        name = f"{path.stem}-{turn}{path.suffix}"
    text = json.dumps(report, ensure_ascii=False, indent=1, default=str)
    write_whole(place / f"{name}.informe.json", text.encode())
    os.replace(path, place / name)


def _sources(root: Path) -> list[Path]:
    return sorted(each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))


def _waiting(folder: Path, now: datetime) -> list[Path]:
    """The files of a folder that nobody is still writing, the oldest first."""
    limit = (now - _SETTLED).timestamp()
    found = [each for each in folder.iterdir() if each.is_file() and each.name != OPTIONS]
    whole = [each for each in found if not each.name.startswith(".") and not each.name.endswith(_UNFINISHED)]
    return sorted(
        (each for each in whole if each.stat().st_mtime <= limit),
        key=lambda each: (each.stat().st_mtime, each.name),
    )


def _root(name: str, organisation: Organisation) -> Path:
    root = Path(settings.HOME) / name
    return root / organisation.key if access.organisations().count() > 1 else root


@contextmanager
def _alone(root: Path) -> Iterator[bool]:
    """Whether no other process is taking files from here; the lock goes with the process."""
    with (root / ".cerrojo").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _tell_day(organisation: Organisation, place: Path, on: date) -> list[Path]:
    """Two files, whole or not at all; the folder appears with both."""
    zone = ZoneInfo(organisation.timezone)
    from_at = datetime.combine(on, time(), zone).astimezone(UTC)
    to_at = datetime.combine(on + timedelta(days=1), time(), zone).astimezone(UTC)
    beside = place.with_name(f".{place.name}")
    beside.mkdir(parents=True, exist_ok=True)
    receipts = telling.receipts(organisation.pk, from_at=from_at, to_at=to_at, on=on)
    promises = telling.promises(organisation.pk, on=on)
    write_whole(beside / "cobros.csv", _csv(telling.RECEIPTS, receipts).encode())
    write_whole(beside / "promesas.csv", _csv(telling.PROMISES, promises).encode())
    os.replace(beside, place)
    return [place / "cobros.csv", place / "promesas.csv"]


def _csv(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        money = {name: to_major(row[name], row["moneda"]) for name in row if name.startswith("importe")}
        cells = {**row, **money}
        writer.writerow([inert(cells[name]) for name in columns])
    return out.getvalue()
