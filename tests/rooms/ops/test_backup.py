"""A backup is believed only once it was restored and every balance derived again."""

import json
import os
import sys
import tarfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import system
from aldia.access.models import Notification
from aldia.ledger import services as ledger
from aldia.ops.backup import UnableToBackUp, UnableToRestore, archive, back_up, keeping, making, restore
from aldia.parties.models import Party
from tests.waiting import run

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAPER = b"%PDF the invoice as it was uploaded"


@pytest.fixture(scope="module")
def house(own_database: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live organisation with a posted document and a file, all committed; returns where its files are."""
    files = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(STORAGES=_storages(files)):
        _note_migrations()  # the suite makes its tables without
        organisation = access_services.create_organisation(
            key="casa", name="Casa", country="AR", currency="USD", now=NOW, is_sandbox=False
        )
        actor = system(organisation.pk)
        access_services.add_member(
            actor=actor, email="gabi@casa.example", name="Gabi", role="ADMINISTRATOR", now=NOW
        )
        creditor = ledger.ensure_creditor(actor=actor, key="c", name="C", now=NOW)
        portfolio = ledger.ensure_portfolio(
            actor=actor, creditor_id=creditor.pk, key="p", name="P", currency="USD", now=NOW
        )
        party = Party.objects.create(organisation=organisation, name="Ana", name_folded="ana")
        opened = ledger.open_accounts(
            organisation_id=organisation.pk, portfolio_id=portfolio.pk, party_ids=pl.Series([party.pk]),
            opened_on=NOW.date(),
        )  # fmt: skip
        row = {
            "account_id": opened["account_id"][0], "source": "erp", "reference": "F1", "number": "F-1", "kind": "invoice",
            "issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 31), "currency": "USD", "original_minor": 12_345,
        }  # fmt: skip
        ledger.add_documents(
            organisation_id=organisation.pk, portfolio_id=portfolio.pk, documents=pl.DataFrame([row]),
            declared_on=NOW.date(), posting_source="load:1", now=NOW,
        )  # fmt: skip
        ledger.store_file(actor=actor, name="F-1.pdf", content_type="application/pdf", content=PAPER, now=NOW)
    return files


def _note_migrations() -> None:
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    with override_settings(MIGRATION_MODULES={}):
        for app_label, name in MigrationLoader(None).disk_migrations:
            recorder.record_applied(app_label, name)


def _storages(files: Path) -> dict[str, object]:
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": files}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _at_work(house: Path, settings: object, _files_of_their_own: None, django_db_blocker: object) -> object:
    settings.STORAGES = _storages(house)
    with django_db_blocker.unblock():
        yield


@pytest.mark.slow
@pytest.mark.covers("S4-33")
def test_a_backup_is_restored_apart_and_only_then_believed(tmp_path: Path) -> None:
    made = back_up(folder=tmp_path, now=NOW)
    assert made.path == tmp_path / "aldia-20260301T120000Z.aldia.tar.gz"
    assert (made.postings, made.files) == (1, 1)
    assert made.rows > 0
    assert list(tmp_path.iterdir()) == [made.path]
    with tarfile.open(made.path) as archived:
        names = archived.getnames()
    beside = [name for name in names if not name.startswith("database/")]
    assert not [name for name in beside if "key" in name.rpartition("/")[2]]
    _elsewhere_it_comes_back_paused(made.path, tmp_path)


def _elsewhere_it_comes_back_paused(path: Path, tmp_path: Path) -> None:
    home = tmp_path / "recuperada"
    home.mkdir()
    with making._database_apart(home) as url:
        env = {**os.environ, "ALDIA_HOME": str(home), "ALDIA_DATABASE_URL": url}
        words = [sys.executable, "-m", "django", "restore", str(path), "--json"]
        env["DJANGO_SETTINGS_MODULE"] = "aldia.config.settings"
        first, second = (run(words, env=env) for _ in "12")
    answer = json.loads(first.stdout)
    assert (answer["ok"], answer["postings"], answer["paused"]) == (True, 1, ["Casa"]), first.stderr
    assert [file.read_bytes() for file in (home / "files").rglob("*") if file.is_file()] == [PAPER]
    assert second.returncode == 1
    assert "ya hay datos" in second.stderr


@pytest.mark.slow
def test_a_backup_that_does_not_restore_to_the_same_books_is_thrown_away(house: Path, tmp_path: Path) -> None:
    stored = next(path for path in house.rglob("*") if path.is_file())
    stored.write_bytes(b"somebody changed it")
    try:
        with pytest.raises(UnableToBackUp, match="stored_file"):
            back_up(folder=tmp_path, now=NOW)
    finally:
        stored.write_bytes(PAPER)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.tarfile.TarFile, "add", full)
    with pytest.raises(UnableToBackUp, match="No space left"):
        back_up(folder=tmp_path, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_an_installation_with_data_is_never_restored_over(tmp_path: Path) -> None:
    with pytest.raises(UnableToRestore, match="ya hay datos"):
        restore(source=tmp_path / "any.aldia.tar.gz", now=NOW)


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08\x00cut short"])
def test_what_is_no_backup_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.aldia.tar.gz").write_bytes(content)
    with pytest.raises(archive.NotABackup):
        archive.unpack(tmp_path / "x.aldia.tar.gz", tmp_path)


def test_the_daily_backup_is_due_a_day_after_the_last_and_keeps_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(*, folder: Path, now: datetime) -> Path:
        (folder / archive.name_of(now)).touch()
        return folder / archive.name_of(now)

    monkeypatch.setattr(keeping, "back_up", written)
    hours = [
        hour
        for hour in range(120)
        if keeping.keep_up(now=NOW + timedelta(hours=hour), folder=tmp_path, keep=2)
    ]
    assert hours == [24, 48, 72, 96]  # a new installation waits a day for its first
    assert [path.name[6:14] for path in keeping.backups_in(tmp_path)] == ["20260304", "20260305"]


def test_a_backup_that_fails_is_told_to_the_administrators_once_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*, folder: Path, now: datetime) -> None:
        raise UnableToBackUp("El disco está lleno.")

    monkeypatch.setattr(keeping, "back_up", fails)
    for hours in (30, 31):
        with pytest.raises(UnableToBackUp):
            keeping.keep_up(now=NOW + timedelta(hours=hours), folder=tmp_path, keep=2)
    house = access.organisation("casa")
    told = Notification.objects.of(house).filter(kind="backup")
    assert [(news.user.email, news.body) for news in told] == [("gabi@casa.example", "El disco está lleno.")]
