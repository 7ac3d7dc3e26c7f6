"""Walks a folder of published files with right answers and compares topic by topic.

The folder holds, at any depth, sub-folders with files and a `reference.json` (`topic`, `cases` by file name). What aldia does
not compare yet is counted as such: it never passes in silence.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aldia.intake.readers.registry import Normalised, normalised_all
from aldia.ops.conformance import (
    bank,
    einvoice,
    identifiers,
    loans,
    messaging,
    payments,
    people,
    receivables,
    scores,
)
from aldia.ops.conformance.checks import Checks

REFERENCE = "reference.json"
READ = {"bank": bank.KINDS, "einvoice": einvoice.KINDS}  # compared with what `read` gives
CHECKED = {
    "campaigns": scores.CAMPAIGNS,
    "credit": scores.CREDIT,
    "identifiers": {**identifiers.KINDS, **people.KINDS},
    "loans": loans.KINDS,
    "messaging": messaging.KINDS,
    "payments": payments.KINDS,
    "receivables": receivables.KINDS,
}  # compared with what checking gives

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
Report = dict[str, Any]


def run(folder: Path) -> Report:
    """`{"topics": {name: {cases, equal, differences, not_compared}}}` of all the references below the folder."""
    topics: dict[str, Report] = {}
    for place, reference in _references(folder):
        name = str(reference.get("topic") or place.relative_to(folder)).split("/")[0]
        topic = topics.setdefault(name, {"cases": 0, "equal": 0, "differences": [], "not_compared": []})
        _compare(place, place.relative_to(folder), reference["cases"], name, topic)
    return {"topics": topics}


def _references(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob(REFERENCE)):
        reference = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(reference.get("cases"), dict):
            yield path.parent, reference


def _compare(place: Path, shown: Path, cases: dict[str, Any], topic_name: str, topic: Report) -> None:
    kinds = {**READ.get(topic_name, {}), **CHECKED.get(topic_name, {})}
    topic["cases"] += len(cases)
    compared = {
        name: case for name, case in cases.items() if _kind(case) in kinds and (place / name).is_file()
    }
    topic["not_compared"] += [f"{shown / name}" for name in cases if name not in compared]
    by_answer = [name for name, case in compared.items() if kinds[_kind(case)] is not bank.csv]
    found = _found(place, by_answer) if topic_name in READ else {}
    for name, case in compared.items():
        checks = Checks(f"{shown / name}")
        try:
            kinds[_kind(case)](checks, case, found.get(name, {}), place / name)
        except (
            UNREADABLE
        ) as error:  # one file says something unforeseen: the others are compared all the same
            checks.add(
                "answer", "every field of the reference", found.get(name, {}).get("error") or repr(error)
            )
        if checks.outside:
            topic["not_compared"].append(f"{checks.file}: outside: {checks.outside}")
            continue
        topic["equal"] += not checks.differences
        if checks.measured:
            topic.setdefault("measured", []).append({"file": checks.file, **checks.measured})
        topic["differences"] += checks.differences
        topic["not_compared"] += [f"{checks.file}: {what}" for what in checks.left_out]


def _kind(case: Any) -> str:
    return str(case.get("kind")) if isinstance(case, dict) else ""


def _found(place: Path, names: list[str]) -> dict[str, Normalised]:
    return {path.name: answer for path, answer in normalised_all([place / name for name in names]).items()}
