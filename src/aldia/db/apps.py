from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _install(using: str, **_: Any) -> None:
    from aldia.db.append_only import install_triggers
    from aldia.db.walls import install_walls

    install_triggers(using)
    install_walls(using)


class DbConfig(AppConfig):
    name = "aldia.db"
    label = "db"

    def ready(self) -> None:
        from aldia.db import checks  # noqa: F401 - registers the system checks

        # No sender: a rebuild in any app may have dropped a trigger, or made a table without its wall.
        post_migrate.connect(_install, dispatch_uid="aldia.append_only")
