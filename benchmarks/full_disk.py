"""A disk that fills up under PostgreSQL, for real: `sudo ./aldia bench disk`.

The server lives on a small disk in memory (so this needs the right to mount one). People register payments while the rest of
the disk is taken away; then the room comes back. Each refusal must be the calm page in the reader's language, the books must
be whole at every moment, and work must go on without any hand.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import disposable

MEGABYTES = 192
MOST = 400  # payments tried at most on the full disk
WORDS = {"es": "está volviendo", "en": "coming back", "pt-br": "está voltando"}
PATIENCE = 30.0  # seconds in which work must go on by itself


def main() -> int:
    """Return the exit code: 0 only when nothing was half written and everything came back by itself."""
    parser = argparse.ArgumentParser(prog="aldia bench disk", description=__doc__)
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.parse_args()
    with small_disk() as disk, _server(disk) as url:
        os.environ["ALDIA_DATABASE_URL"] = url
        with disposable.database(is_postgresql=False) as kind:
            told = measure(disk)
    print(json.dumps({"bench": "disk", "database": kind, **told}, ensure_ascii=False))
    return 0 if told["ok"] else 1


@contextmanager
def small_disk() -> Iterator[Path]:
    """A folder with little room; raises SystemExit, with what to do, where nothing can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="aldia-disk-"))
    words = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        folder.rmdir()
        raise SystemExit("Hace falta poder montar un disco pequeño: córrelo como root.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def _server(disk: Path) -> Iterator[str]:
    from tests import postgresql

    with postgresql.server(disk / "pg", is_durable=True) as url:
        yield url


def measure(disk: Path) -> dict[str, Any]:
    """Pay, fill the disk, pay on, make room, pay again; return what was seen."""
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from tests.web.desk.seed import make_desk

    desk = make_desk()
    told: dict[str, Any] = {"before": _pay(desk, "antes")[0]}
    with _filled(disk):
        told |= _on_the_full_disk(desk)
        told["whole_while_full"] = _is_whole(desk)
    begun = time.monotonic()
    while (status := _pay(desk, "despues")[0]) != 302 and time.monotonic() - begun < PATIENCE:
        time.sleep(0.2)
    told |= {
        "after": status,
        "recovery_seconds": round(time.monotonic() - begun, 2),
        "whole_after": _is_whole(desk),
    }
    told["kept"] = _kept(desk) - 2 == told["accepted"]
    told["ok"] = (
        (told["before"], told["after"]) == (302, 302)
        and told["whole_while_full"] and told["whole_after"] and told["kept"]
        and told["refused"] > 0 and told["other_answers"] == [] and all(told["language"].values())
    )  # fmt: skip
    return told


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Take what room is left on the disk with a file of somebody else's."""
    filler = disk / "de-otro"
    with filler.open("wb", buffering=0) as file:
        for block in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"\0" * block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    try:
        yield
    finally:
        filler.unlink()


def _on_the_full_disk(desk: Any) -> dict[str, Any]:
    """Register payments until one is refused in each language; count the answers."""
    accepted, refused, others = 0, 0, list[int]()
    language = dict.fromkeys(WORDS, False)
    for number in range(MOST):
        spoken = list(WORDS)[refused % len(WORDS)]
        status, page = _pay(desk, f"lleno-{number}", language=spoken)
        accepted += status == 302
        refused += status == 503
        if status == 503:
            language[spoken] = language[spoken] or WORDS[spoken] in page
        elif status != 302:
            others.append(status)
        if all(language.values()):
            break
    return {"accepted": accepted, "refused": refused, "other_answers": others, "language": language}


def _pay(desk: Any, reference: str, *, language: str = "es") -> tuple[int, str]:
    """Post the form of a new receipt as a supervisor does; return the status and the page."""
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    form = {
        "currency": "ARS",
        "amount": "1,00",
        "on": "ayer",
        "means": "transfer",
        "reference": reference,
        "note": "x" * 300,
    }
    try:
        desk.login(client, "supervisor")
    except Exception:  # the session is a row too: what a person sees then is the page of the sign-in
        answer = client.post(
            "/cuenta/login/", {"login": "supervisor@desk.example", "password": "una clave larga"}
        )
        return answer.status_code, answer.content.decode()
    answer = client.post(f"/pagos/nuevo/{desk.case_ids[1]}/", form)
    return answer.status_code, answer.content.decode()


def _is_whole(desk: Any) -> bool:
    from aldia.payments.selectors import verify

    return bool(verify(desk.organisation.pk).ok)


def _kept(desk: Any) -> int:
    from aldia.payments.models import Receipt

    return int(Receipt.objects.of(desk.organisation).filter(source="desk").count())


if __name__ == "__main__":
    sys.exit(main())
