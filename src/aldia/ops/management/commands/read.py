"""`aldia read`: the normalised records that a reader makes of any supported file; nothing is stored."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from aldia.intake.mapping.fields import Kind
from aldia.intake.readers.registry import normalised_all
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _("Muestra los registros que se leen de cada archivo, ya normalizados. No guarda nada.")
    needs_organisation = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="ARCHIVO", help=_("los archivos que se leen")
        )
        parser.add_argument(
            "--kind", choices=[kind.value for kind in Kind], default=None, help=_("qué son las filas")
        )
        parser.add_argument(
            "--mapping", type=Path, metavar="ARCHIVO", help=_("JSON o YAML de campo: columna")
        )
        parser.add_argument(
            "--currency", default=None, metavar="COD", help=_("moneda, si el archivo no la dice")
        )
        parser.add_argument(
            "--country", default=None, metavar="CC", help=_("país de los documentos y teléfonos")
        )
        parser.add_argument(
            "--round",
            choices=["half_up", "half_even"],
            help=_("cómo redondear importes más finos que la moneda"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        answers = normalised_all(options["files"], lambda: _chosen(options))
        found = {str(path): answer for path, answer in answers.items()}
        names = {path: Path(path).name for path in found}
        unique = len(set(names.values())) == len(names)
        files = {names[path] if unique else path: content for path, content in found.items()}
        self.stdout.write(json.dumps({"files": files}, ensure_ascii=False, default=_plain))
        self.is_answered = True
        refused = [name for name, content in files.items() if not content.get("format")]
        if refused:
            raise CommandError(_("No se pudieron leer: %(names)s.") % {"names": ", ".join(refused)})


def _chosen(options: dict[str, Any]) -> Any:
    """The options of a table. Imported here: a bank file or an invoice is read without them, in a third of the time."""
    from aldia.domain.money import Rounding
    from aldia.intake.checking.options import LoadOptions
    from aldia.intake.checking.tabular import ReadOptions
    from aldia.intake.mapping.mapping import load_mapping

    return ReadOptions(
        kind=Kind(options["kind"]) if options["kind"] else None,
        mapping=load_mapping(options["mapping"], kind=options["kind"] or "documents")
        if options["mapping"]
        else None,
        load=LoadOptions(
            currency=options["currency"],
            country=options["country"],
            round=Rounding(options["round"]) if options["round"] else None,
        ),
    )


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
