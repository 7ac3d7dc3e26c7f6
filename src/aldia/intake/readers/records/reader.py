"""Record files for the rest of aldia: read in the limited child, many at once, their oddities put in words."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aldia.intake.readers.limits import DEFAULT, Limits
from aldia.intake.readers.records import archive, formats, pdf
from aldia.intake.readers.records.texts import note
from aldia.intake.readers.refusals import FileRefused, refusal
from aldia.intake.readers.registry import FormatReader, Normalised
from aldia.intake.readers.sandbox import death, run_child
from aldia.intake.readers.sniff import family_of
from aldia.intake.readers.stop import Stop

MODULE = "aldia.intake.readers.records.child"
BATCH_FILES, BATCH_BYTES = 200, 64 * 1024 * 1024


def claims(head: bytes, path: Path) -> bool:
    """True for bank statements, returned payments and electronic documents, by their first bytes."""
    if head.startswith(archive.SIGNATURES):
        return _is_plain_archive(path)
    return formats.looks_like_records(head) or pdf.carries_files(head, path)


def _is_plain_archive(path: Path) -> bool:
    """True for a ZIP that is no workbook and no text document."""
    try:
        return family_of(path, DEFAULT).label == "ZIP"
    except Stop:
        return False  # refused by whoever reads workbooks, with the same reason


def read(path: Path, options: object = None) -> Normalised:
    """The records of one file. Raises FileRefused."""
    answer = read_many([path])[0]
    if isinstance(answer, FileRefused):
        raise answer
    return answer


def read_many(paths: Sequence[Path], *, limits: Limits = DEFAULT) -> list[Normalised | FileRefused]:
    """The records of each file, or why it was refused. A file that kills the child costs only itself."""
    found: dict[Path, Normalised | FileRefused] = {}
    waiting: list[Path] = []
    for path in paths:
        size = path.stat().st_size
        if size > limits.record_bytes:
            facts = {"found": size, "limit": limits.record_bytes}
            found[path] = refusal("record_file_too_big", facts)
        else:
            waiting.append(path)
    while waiting:
        batch = _batch(waiting)
        answers = _answers(batch, limits)
        found.update(zip(batch, answers, strict=False))
        waiting = waiting[len(answers) :]
    return [found[path] for path in paths]


def _batch(paths: list[Path]) -> list[Path]:
    size = 0
    batch: list[Path] = []
    for path in paths[:BATCH_FILES]:
        size += path.stat().st_size
        if batch and size > BATCH_BYTES:
            break
        batch.append(path)
    return batch


def _answers(paths: list[Path], limits: Limits) -> list[Normalised | FileRefused]:
    """One answer a file, up to and with the one that ended the child, if any did."""
    order = {"paths": [str(path.resolve()) for path in paths], "limits": asdict(limits)}
    done = run_child(MODULE, order, limits)
    lines = done.stdout.decode("utf-8").split("\n")[:-1] if done.stdout else []
    answers = [_answer(json.loads(line)) for line in lines]
    if len(answers) < len(paths):
        answers.append(death(done))
    return answers


def _answer(said: dict[str, Any]) -> Normalised | FileRefused:
    if not said["ok"]:
        return refusal(said["code"], said["facts"])
    answer: Normalised = said["answer"]
    answer["problems"] = [note(each) for each in answer["problems"]]
    return answer


READER = FormatReader("records", claims=claims, read=read, read_many=read_many)
