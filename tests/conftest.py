"""What every test may count on: no skips, honest absence of servers, a PostgreSQL on demand."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as generated
from playwright.sync_api import Browser, sync_playwright

from tests import beginnings, postgresql

SERVERS = {
    "chromium": lambda: chromium_path() is not None,
    "smtp": lambda: shutil.which("postfix") is not None and os.geteuid() == 0,  # its master runs only as root
}
BROWSER_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
DATABASE_FIXTURES = frozenset({"db", "transactional_db", "live_server", "django_db_setup"})
PATIENCE = 90_000  # milliseconds that a browser is waited for; a machine may be busy with others
NOT_RUN = pytest.StashKey[Counter[str]]()
STARTED = pytest.StashKey[float]()


def chromium_path() -> str | None:
    """Return the browser of this machine, or None."""
    given = os.environ.get("ALDIA_CHROMIUM")
    names = (given,) if given else ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def pytest_configure(config: pytest.Config) -> None:
    unhurried = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    generated.register_profile(
        "house", deadline=None, suppress_health_check=unhurried
    )  # and what Hypothesis sets in CI
    generated.load_profile("house")
    config.stash[NOT_RUN] = Counter()
    config.stash[STARTED] = time.monotonic()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose and order: what takes long first, what begins alike together, chance (pytest-randomly) in all the rest."""
    _leave_out(config, items)
    slow = {item.parent for item in items if item.get_closest_marker("slow")}
    groups: dict[tuple[beginnings.Make, ...], int] = {}
    places = {item: groups.setdefault(beginnings.asked_by(item), len(groups)) for item in items}
    items.sort(key=lambda item: (item.parent not in slow, places[item]))


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has no server on this machine (in CI it stays, and fails), and on a second database what needs none."""
    left_out: list[pytest.Item] = []
    if not os.environ.get("CI"):
        for item in items:
            missing = [
                name for mark in item.iter_markers("needs") for name in mark.args if not SERVERS[name]()
            ]
            config.stash[NOT_RUN].update(missing[:1])
            left_out += [item] * bool(missing)
    if os.environ.get("ALDIA_TEST_SECOND_DATABASE"):
        left_out += [item for item in items if not _asks_a_database(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _asks_a_database(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("on_each_database")
    return bool(marked) or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Every xdist worker collects all tests, so any one worker's count is the count."""
    told = getattr(node, "workeroutput", {}).get("not_run")
    if told is not None:
        node.config.stash[NOT_RUN] = Counter(told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skipped test is a failed run: what cannot run here is left out by `needs`, and said."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not_run"] = dict(session.config.stash[NOT_RUN])
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    stats = terminalreporter.stats
    counts = {key: len(stats.get(key, [])) for key in ("passed", "failed", "error", "skipped")}
    for server, number in config.stash[NOT_RUN].items():
        terminalreporter.write_line(
            f"Without {server} on this machine: {number} tests were not run.", yellow=True
        )
    if counts["skipped"]:
        terminalreporter.write_line(f"{counts['skipped']} skipped tests: the run fails.", red=True)
    if path := os.environ.get("ALDIA_TEST_SUMMARY"):
        seconds = time.monotonic() - config.stash[STARTED]
        told = {**counts, "seconds": seconds, "not_run": dict(config.stash[NOT_RUN])}
        Path(path).write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="session")
def pg_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a disposable PostgreSQL, also in the SQLite run (for what must be proven there whatever runs)."""
    given = os.environ.get("ALDIA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(os.environ["ALDIA_HOME"]) / "pg"  # one for all workers
    with postgresql.server(folder) as url:
        yield url


@pytest.fixture
def chromium() -> str:
    """The path of the browser; mark the test with `needs("chromium")`."""
    path = chromium_path()
    assert path, "Chromium is not installed; mark the test with @pytest.mark.needs('chromium')."
    return path


@pytest.fixture(scope="session")
def _ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[beginnings.Ground]:
    """What tests begin with (tests/beginnings.py), undone before the databases go."""
    yield beginnings.GROUND
    with django_db_blocker.unblock():
        beginnings.GROUND.leave()


@pytest.fixture(scope="module")
def browser(_ground: beginnings.Ground, django_db_blocker: Any) -> Iterator[Browser]:
    """A browser for the tests of one module, which mark `needs("chromium")`.

    Playwright keeps an event loop in this thread: Django takes it for an asynchronous view, and gives it another connection.
    So nothing may stand on the one of before: its transaction would never end, and hold up whoever empties the tables.
    """
    with django_db_blocker.unblock():
        _ground.leave()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path(), args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def _stands(request: pytest.FixtureRequest, _ground: beginnings.Ground, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        _ground.stand_on(beginnings.asked_by(request.node))


@pytest.fixture
def _django_db_helper(_stands: None, _django_db_helper: None) -> None:
    """Before a test's own transaction begins, what it begins with is there."""


@pytest.fixture(autouse=True)
def _language_of_the_project() -> Iterator[None]:
    """A request of a test speaks its reader's language and leaves it to the thread, as every request does."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _files_of_their_own(settings: object, tmp_path: Path) -> None:
    """Each test keeps its stored files in its own folder."""
    settings.STORAGES = beginnings.stored_in(tmp_path / "files")


@pytest.fixture(autouse=True)
def _nothing_kept_from_before() -> None:
    """What a page keeps for some seconds is not the next test's."""
    cache.clear()


ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "src/aldia/web/ui/static/dist"


@pytest.fixture(scope="session")
def dist() -> Path:
    """Return the folder of the built assets; builds them through npm when nobody has."""
    if not (DIST / "manifest.json").exists():
        npm = Path(sys.executable).parent / "npm"
        for command in (["ci", "--ignore-scripts"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=ROOT, check=True, capture_output=True, timeout=300)
    return DIST


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied_after_a_live_server() -> Iterator[None]:
    """A live server's test ends with a TRUNCATE, which final rows refuse: in this throw-away database it may pass.

    SQLite's triggers are taken away; the signal after the flush puts them back.
    """
    import django.db.backends.sqlite3.base  # noqa: F401 - its operations, imported first, would find it half made
    from django.db.backends.postgresql.operations import DatabaseOperations
    from django.db.backends.sqlite3.operations import DatabaseOperations as OnSQLite

    on_sqlite = OnSQLite.sql_flush

    def without_triggers(self: OnSQLite, *args: object, **options: object) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            names = [name for (name,) in cursor.fetchall()]
        return [f'DROP TRIGGER "{name}"' for name in names] + on_sqlite(self, *args, **options)

    OnSQLite.sql_flush = without_triggers
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: object, **options: object) -> list[str]:
        emptied = original(self, *args, **options)
        return [
            "SET session_replication_role = replica;",
            *emptied,
            "SET session_replication_role = DEFAULT;",
        ]

    DatabaseOperations.sql_flush = sql_flush
    yield
    OnSQLite.sql_flush = on_sqlite
    DatabaseOperations.sql_flush = original


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Drop the throw-away database also while a thread of a live server still holds its connection."""
    from django.db.backends.postgresql.creation import DatabaseCreation

    def _destroy_test_db(self: DatabaseCreation, test_database_name: str, verbosity: int) -> None:
        with self._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} WITH (FORCE)")

    DatabaseCreation._destroy_test_db = _destroy_test_db
