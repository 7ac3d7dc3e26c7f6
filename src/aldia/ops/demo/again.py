"""Beginning the demonstration again: what was lived is put away, never deleted, and only when nobody else's work is there."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.ops.demo.houses import HOUSES

_LIVED = ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "files", "salida", "entrada", "demo-users.txt")
"""What a data folder has of the life of its organisations. Its secrets stay: they are the installation's."""


class NotTheDemonstration(Exception):
    """Raised where the database has more than the demonstration, or is not aldia's own file."""


def put_away(*, now: datetime) -> Path | None:
    """Move what the demonstration lived to a folder of its own and return it; None where there was none yet.

    Nothing may be running on the data folder. Raises NotTheDemonstration, with nothing touched.
    """
    if connection.vendor != "sqlite":
        raise NotTheDemonstration(
            _(
                "La demostración se empieza otra vez solo con SQLite. Con PostgreSQL, crea otra base y apunta ahí."
            )
        )
    houses = list(access.organisations())
    ours = {house.key for house in HOUSES}
    others = [house.name for house in houses if house.key not in ours or not house.is_sandbox]
    if others:
        raise NotTheDemonstration(
            _(
                "Aquí hay más que la demostración (%(names)s): no se tocó nada. Para otra, usa otra carpeta:"
                " ALDIA_HOME=otra ./aldia run"
            )
            % {"names": ", ".join(others)}
        )
    if not houses:
        return None
    connection.close()
    home = Path(settings.HOME)
    away = home / f"demo-{now:%Y%m%d-%H%M%S}"
    away.mkdir()
    for name in _LIVED:
        if (home / name).exists():
            (home / name).rename(away / name)
    return away
