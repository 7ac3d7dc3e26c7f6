"""`aldia conformance`: what aldia reads in published files, held against their right answers; nothing is stored."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from aldia.ops.conformance import running
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _("Compara lo que aldia lee de una carpeta de archivos publicados con sus respuestas correctas.")
    needs_organisation = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "folder",
            type=Path,
            metavar="CARPETA",
            help=_("carpetas con archivos y, en cada una, su reference.json"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(_("No hay ninguna carpeta en %(path)s.") % {"path": folder})
        report = running.run(folder)
        if not report["topics"]:
            raise CommandError(_("En %(path)s no hay ningún reference.json.") % {"path": folder})
        self.answer(report, options, list(_lines(report["topics"])))
        argued = all(each.get("why") for topic in report["topics"].values() for each in topic["differences"])
        if not argued:
            raise CommandError(_("Hay diferencias sin explicación."))


def _lines(topics: dict[str, Any]) -> list[str]:
    lines = []
    for name, topic in topics.items():
        counts = {"topic": name, "equal": topic["equal"], "cases": topic["cases"]}
        lines.append(_("%(topic)s: %(equal)s de %(cases)s iguales") % counts)
        for each in topic["differences"]:
            lines.append(
                _("  %(file)s %(field)s: se esperaba %(expected)s, se leyó %(found)s") % each
                + (f" ({each['why']})" if each.get("why") else "")
            )
        lines += [_measured(each) for each in topic.get("measured", ())]
        if topic["not_compared"]:
            lines.append(_("  sin comparar todavía: %(number)s") % {"number": len(topic["not_compared"])})
            lines += [f"    {name}" for name in topic["not_compared"]]
    return lines


def _measured(each: dict[str, Any]) -> str:
    """How near aldia comes where an answer is not simply right or wrong: «people.csv: precision 0.999, recall 0.997»."""
    figures = (f"{name} {value}" for name, value in each.items() if isinstance(value, int | float))
    return f"  {each['file']}: {', '.join(figures)}"
