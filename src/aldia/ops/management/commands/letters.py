"""`aldia letters`: write the letters that wait for the printer, with their manifest; each is printed once."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.contact import services as contact
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _(
        "Escribe en un ZIP las cartas que esperan la imprenta, con su manifiesto. Cada una sale una sola vez."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--to", required=True, type=Path, metavar="CARPETA", help=_("carpeta donde dejar el ZIP")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, now = self.organisation(options), timezone.now()
        folder: Path = options["to"]
        if not folder.is_dir():
            raise CommandError(_("No hay ninguna carpeta en %(path)s.") % {"path": folder})
        printing = contact.print_letters(actor=self.actor(organisation), now=now)
        path = folder / f"cartas-{organisation.key}-{now:%Y%m%d-%H%M%S}.zip"
        if printing.letters:
            path.write_bytes(printing.content)
        result: dict[str, Any] = {
            "letters": printing.letters,
            "file": str(path) if printing.letters else None,
        }
        self.answer(result, options, [_("%(letters)s cartas para imprimir") % result, result["file"] or ""])
