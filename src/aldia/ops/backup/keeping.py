"""The automatic backup: once a day, the last ones kept, the administrators told when it fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import system
from aldia.ops.backup import archive
from aldia.ops.backup.making import Backup, UnableToBackUp, back_up

EVERY: Final = timedelta(days=1)


def folder_of_backups() -> Path:
    """Return where backups are kept: ALDIA_BACKUPS, or `backups` in the data folder."""
    return Path(settings.BACKUPS)


def keep_up(*, now: datetime, folder: Path, keep: int) -> Backup | None:
    """Make the backup of the day when it is due, and remove all but the newest `keep`; return the one made, if any.

    A new installation waits a day for its first. A failure is told under the bell of every administrator. Raises UnableToBackUp.
    """
    if not is_due(now=now, folder=folder):
        return None
    try:
        made = back_up(folder=folder, now=now)
    except UnableToBackUp as failure:
        _tell_administrators(str(failure), now)
        raise
    for old in backups_in(folder)[:-keep]:
        old.unlink()
    return made


def is_due(*, now: datetime, folder: Path) -> bool:
    """Return whether a day has passed since the newest backup, or since the first organisation was made."""
    kept = backups_in(folder)
    if kept:
        return (
            now - datetime.fromisoformat(kept[-1].name.removeprefix("aldia-").removesuffix(archive.SUFFIX))
            >= EVERY
        )
    made = [house.created_at for house in access.organisations()]
    return bool(made) and now - min(made) >= EVERY


def backups_in(folder: Path) -> list[Path]:
    """Return the backups of the folder, oldest first."""
    return sorted(folder.glob(f"aldia-*{archive.SUFFIX}"))


def _tell_administrators(problem: str, now: datetime) -> None:
    for house in access.organisations():
        actor = system(house.pk)
        people = [row.user_id for row in access.members(actor) if row.role == "ADMINISTRATOR"]
        news = access_services.News(
            "backup", gettext_lazy("La copia de seguridad de hoy no salió"), f"backup:{now:%Y-%m-%d}", problem
        )
        access_services.notify(actor=actor, user_ids=people, news=news, now=now)
