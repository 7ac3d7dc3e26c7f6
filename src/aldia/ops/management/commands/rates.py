"""`aldia rates`: take a file of exchange rates, which rules need where a customer owes in several currencies."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _("Carga cotizaciones: un archivo con fecha, moneda, en y tasa. Lo ya dicho de un día no cambia.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "file", type=Path, metavar="ARCHIVO", help=_("CSV o XLSX: fecha, moneda, en, tasa")
        )
        parser.add_argument(
            "--source",
            default="archivo",
            metavar="NOMBRE",
            help=_("quién lo dice: banco central, tesorería …"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("No existe el archivo %(path)s.") % {"path": path})
        organisation = self.organisation(options)
        clock = access.clock_of(organisation, timezone.now())
        try:
            told = intake.load_rates(
                actor=self.actor(organisation), path=path, source=options["source"][:60], clock=clock
            )
        except Refused as refused:
            raise CommandError(f"{path}: {refused}") from refused
        answer = {
            name: told.as_data()[name]
            for name in ("rows", "new", "same", "rejected", "problems", "problems_total")
        }
        lines = [_("%(rows)s filas: %(new)s nuevas, %(same)s iguales, %(rejected)s fuera.") % answer]
        lines += [
            _("  fila %(row)s, %(field)s: se encontró «%(found)s». %(expected)s %(hint)s") % problem
            for problem in told.problems[:20]
        ]
        self.answer(answer, options, lines)
        if told.rejected:
            raise CommandError(_("Hay filas que no se pudieron leer."))
