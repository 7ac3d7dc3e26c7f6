"""`aldia bench NAME`: measure a part of aldia over a disposable database; the user's own is never touched."""

import os
import subprocess
import sys
from argparse import REMAINDER, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

BENCHES = {"nightly": "nightly", "web": "screens", "outbox": "outbox", "import": "importing"}
ROOT = Path(settings.PACKAGE).parent.parent


class Command(BaseCommand):
    help = _(
        "Mide una parte de aldia sobre una base desechable: la noche, las pantallas, el envío o la importación."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", choices=sorted(BENCHES), metavar="NOMBRE", help=", ".join(sorted(BENCHES))
        )
        parser.add_argument(
            "rest", nargs=REMAINDER, help=_("opciones de la medición: --n N, --kills K, --postgresql, --json")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (ROOT / "benchmarks").is_dir():
            raise CommandError(
                _("Las mediciones están en el código fuente: corre ./aldia bench desde su carpeta.")
            )
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        module = f"benchmarks.{BENCHES[options['name']]}"
        done = subprocess.run(
            [sys.executable, "-m", module, *options["rest"]], cwd=ROOT, env=env, check=False
        )
        if done.returncode:
            sys.exit(done.returncode)
