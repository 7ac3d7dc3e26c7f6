"""`aldia restore FILE`: bring a backup back into an empty installation."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.ops.backup import UnableToRestore, restore
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _("Recupera una copia en una instalación vacía y vuelve a calcular cada saldo.")
    needs_organisation = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="ARCHIVO", help=_("la copia que hizo ./aldia backup"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            back = restore(source=options["file"], now=timezone.now(), tell=self.tell)
        except UnableToRestore as refusal:
            raise CommandError(str(refusal)) from refusal
        verified = back.verified
        result = {
            "ok": verified.ok, "made_at": back.made_at, "rows": back.rows, "files": back.files,
            "postings": verified.postings, "differences": verified.differences, "paused": list(back.paused),
        }  # fmt: skip
        lines = [
            _("Recuperada la copia del %(at)s: %(rows)s filas, %(files)s archivos.")
            % {"at": back.made_at, "rows": back.rows, "files": back.files},
            *map(str, verified.differences),
            _("Todo cuadra.") if verified.ok else _("Hay diferencias."),
        ]
        if back.paused:
            lines.append(
                _("En pausa hasta que apagues la original y las reanudes: %(names)s")
                % {"names": ", ".join(back.paused)}
            )
        self.answer(result, options, lines)
        if not verified.ok:
            raise CommandError(_("%(count)s diferencias.") % {"count": len(verified.differences)})
