"""`aldia bench NAME`: measure a part of aldia over a disposable database; the user's own is never touched."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

BENCHES = {
    "allocate": "allocating",
    "axe": "axe",
    "nightly": "nightly",
    "workers": "workers",
    "intraday": "intraday",
    "web": "screens",
    "keys": "keys",
    "link": "link",
    "letters": "letters",
    "mail": "mail",
    "render": "rendering",
    "outbox": "outbox",
    "import": "importing",
    "kills": "kills",
    "gate": "gate",
    "reconcile": "reconcile",
    "disk": "full_disk",
    "mutants": "mutants",
    "simulate": "simulate",
    "peers": "peers",
}
PASSED = (
    "n", "documents", "kills", "cycles", "minutes", "countries", "start", "seed", "rounds", "part", "sample", "url", "languages", "section", "people",
    "pictures", "days", "broker", "only", "jobs", "looks",
)  # fmt: skip
ROOT = Path(settings.PACKAGE).parent.parent


class Command(BaseCommand):
    help = _(
        "Mide una parte de aldia sobre una base desechable; kills, gate, disk y mutants prueban lo que se promete."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", choices=sorted(BENCHES), metavar="NOMBRE", help=", ".join(sorted(BENCHES))
        )
        parser.add_argument("--n", type=int, metavar="N", help=_("tamaño: documentos, avisos o filas"))
        parser.add_argument("--documents", type=int, metavar="N", help=_("reconcile: documentos abiertos"))
        parser.add_argument("--days", type=int, metavar="D", help=_("simulate: cuántos días"))
        parser.add_argument(
            "--kills", type=int, metavar="K", help=_("outbox: cuántas veces se mata al trabajador")
        )
        parser.add_argument("--rounds", type=int, metavar="R", help=_("web, keys, intraday: cuántas veces"))
        parser.add_argument(
            "--cycles", type=int, metavar="C", help=_("kills: cuántas veces se mata al programa o a la base")
        )
        parser.add_argument("--url", metavar="URL", help=_("axe: dónde corre la demostración"))
        parser.add_argument("--languages", metavar="L,L", help=_("axe: en qué idiomas"))
        parser.add_argument("--section", metavar="RUTA,RUTA", help=_("axe: solo lo que empieza así"))
        parser.add_argument("--people", metavar="P,P", help=_("axe: como quiénes"))
        parser.add_argument("--only", metavar="NOMBRE", help=_("axe: solo las pantallas que se llaman así"))
        parser.add_argument("--looks", metavar="TEMA-ANCHO", help=_("axe: en qué temas y anchos"))
        parser.add_argument("--jobs", type=int, metavar="N", help=_("axe: cuántos navegadores a la vez"))
        parser.add_argument(
            "--pictures", metavar="CARPETA", help=_("axe: dónde dejar una foto de cada pantalla")
        )
        parser.add_argument(
            "--minutes", type=float, metavar="M", help=_("gate y axe: cuánto tiempo, como mucho")
        )
        parser.add_argument(
            "--countries", metavar="PAÍSES", help=_("gate: códigos de país separados por comas (todos)")
        )
        parser.add_argument("--broker", metavar="CUÁL", help=_("workers: redis, rabbitmq o una dirección"))
        parser.add_argument("--start", type=int, metavar="N", help=_("gate: número de la primera historia"))
        parser.add_argument("--seed", type=int, metavar="N", help=_("gate: semilla de las historias"))
        parser.add_argument("--postgresql", action="store_true", help=_("sobre un PostgreSQL propio"))
        parser.add_argument("--part", metavar="PARTE", help=_("mutants: ledger, compliance o authorisation"))
        parser.add_argument("--sample", type=int, metavar="M", help=_("mutants: cuántos, al azar"))
        parser.add_argument(
            "--database", metavar="URL", default="", help=_("sobre una base nueva de ese PostgreSQL")
        )
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help=_("un solo objeto JSON por la salida estándar"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (ROOT / "benchmarks").is_dir():
            raise CommandError(
                _("Las mediciones están en el código fuente: corre ./aldia bench desde su carpeta.")
            )
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        if options["database"]:
            env["ALDIA_DATABASE_URL"] = options["database"]
        module = f"benchmarks.{BENCHES[options['name']]}"
        with subprocess.Popen([sys.executable, "-m", module, *_words(options)], cwd=ROOT, env=env) as bench:
            # Ctrl-C reaches the benchmark as well, which tells what it has measured so far.
            while (code := _waited(bench)) is None:
                continue
        if code:
            sys.exit(code)


def _waited(bench: subprocess.Popen[bytes]) -> int | None:
    """The exit code; None when Ctrl-C was pressed first."""
    try:
        return bench.wait()
    except KeyboardInterrupt:
        return None


def _words(options: dict[str, Any]) -> list[str]:
    """The options given, as the benchmark takes them; each has its own default, and refuses what it does not know."""
    words = [f"--{name}={options[name]}" for name in PASSED if options[name] is not None]
    return words + ["--postgresql"] * options["postgresql"] + ["--json"] * options["as_json"]
