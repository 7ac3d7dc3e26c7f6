"""`aldia backup`: one verified file with everything but the secrets."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.ops.backup import UnableToBackUp, back_up
from aldia.ops.backup.keeping import folder_of_backups
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _("Hace una copia de la base y los archivos, y la comprueba restaurándola aparte.")
    needs_organisation = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--to", type=Path, metavar="CARPETA", help=_("dónde dejarla (si falta, ALDIA_BACKUPS o backups/)")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = (options["to"] or folder_of_backups()).resolve()
        try:
            made = back_up(folder=folder, now=timezone.now(), tell=self.tell)
        except UnableToBackUp as refusal:
            raise CommandError(str(refusal)) from refusal
        result = {
            "ok": True, "file": str(made.path), "bytes": made.bytes, "rows": made.rows, "files": made.files,
            "postings": made.postings,
        }  # fmt: skip
        lines = [
            _("Copia comprobada: %(path)s") % {"path": made.path},
            _(
                "%(rows)s filas, %(files)s archivos, %(postings)s asientos que vuelven a dar los mismos saldos."
            )
            % {"rows": made.rows, "files": made.files, "postings": made.postings},
            _(
                "Los secretos no van adentro: guarda aparte aldia_secret_key y aldia_vault_key de la carpeta de datos."
            ),
        ]
        self.answer(result, options, lines)
