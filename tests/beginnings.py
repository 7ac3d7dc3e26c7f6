"""What many tests begin with is written once and stays under their feet: each works in a savepoint above it.

A fixture that `beginning(make)` returns gives what `make()` returned. The rows of `make` are in a transaction that is never
committed: the next test of the same beginning finds them untouched, and a test of another beginning, or of none, finds nothing.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import override_settings
from django.utils import translation

Make = Callable[[], Any]


def beginning(make: Make) -> Any:
    """Return a fixture that gives each test its own copy of what `make` returned, and its rows."""

    def begun(db: None, _files_of_their_own: None) -> Any:
        return GROUND.copy_of(make)

    begun.begins_with = make  # type: ignore[attr-defined]
    begun.__doc__ = make.__doc__
    return pytest.fixture(begun)


def asked_by(item: pytest.Item) -> tuple[Make, ...]:
    """Return what a test begins with: nothing when it commits, since what it leaves is emptied afterwards."""
    marker = item.get_closest_marker("django_db")
    is_committing = marker is not None and marker.kwargs.get("transaction", False)
    if is_committing or {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return ()
    seen = getattr(item, "_fixtureinfo", None)
    defined = [definitions[-1].func for definitions in seen.name2fixturedefs.values()] if seen else []
    makes = {function.begins_with for function in defined if hasattr(function, "begins_with")}
    return tuple(sorted(makes, key=lambda make: (make.__module__, make.__qualname__)))


def stored_in(folder: Path) -> dict[str, Any]:
    """Return the setting that keeps stored files in a folder."""
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": folder}}
    return storages


class Ground:
    """The rows on which the tests of this process stand now."""

    def __init__(self) -> None:
        self._asked: tuple[Make, ...] = ()
        self._made: dict[Make, Any] = {}
        self._frame: transaction.Atomic | None = None

    @property
    def _files(self) -> Path:
        return Path(settings.HOME) / f"files-{os.getpid()}"

    def stand_on(self, asked: tuple[Make, ...]) -> None:
        """Write what `asked` makes, unless we stand on just that."""
        if asked == self._asked and (not asked or connection.in_atomic_block):
            return
        self.leave()
        if not asked:
            return
        assert not _is_in_a_loop(), "A test with a browser begins with nothing: mark it `transaction=True`."
        self._frame = transaction.atomic()
        self._frame._from_testcase = True  # to what is tested it is none of its own
        self._frame.__enter__()
        try:
            with override_settings(STORAGES=stored_in(self._files)):
                self._made = {make: make() for make in asked}
            connection.check_constraints()  # now: a deferred one would be looked at again by every test
        except BaseException:
            self.leave()
            raise
        _forget_all_but_rows()
        self._asked = asked

    def copy_of(self, make: Make) -> Any:
        """Return what `make` returned, its files beside the test's own; a test that stands on nothing makes its own rows."""
        if make not in self._made:
            return make()
        if self._files.exists():
            shutil.copytree(self._files, default_storage.path(""), dirs_exist_ok=True)
        return deepcopy(self._made[make])

    def leave(self) -> None:
        """Undo the rows."""
        assert self._frame is None or not _is_in_a_loop(), "Beside a browser Django has another connection."
        frame, self._frame, self._asked, self._made = self._frame, None, (), {}
        shutil.rmtree(self._files, ignore_errors=True)
        if frame is not None and connection.in_atomic_block:
            transaction.set_rollback(True)
            frame.__exit__(None, None, None)


def _is_in_a_loop() -> bool:
    """Return whether Playwright, or anyone, keeps an event loop in this thread (see `browser` in conftest)."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop() is not None
    return False


def _forget_all_but_rows() -> None:
    """Leave nothing in the process, so that the first test of a beginning finds what the others find."""
    connection.run_on_commit.clear()
    cache.clear()
    translation.deactivate()
    getattr(mail, "outbox", []).clear()


GROUND = Ground()
