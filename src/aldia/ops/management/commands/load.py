"""`aldia load`: take a file of documents or receipts."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.intake import selectors as loads
from aldia.intake import services as intake
from aldia.intake.einvoices.bundle import DOCUMENT_SUFFIXES, bundled, documents_in
from aldia.intake.mapping.mapping import load_mapping
from aldia.intake.readers.refusals import Refused
from aldia.intake.requests import LoadRequest, LoadResult
from aldia.ops import newcomers
from aldia.ops.console import AldiaCommand, read_date

STEPS = {
    "check": gettext_lazy("leyendo y revisando el archivo"),
    "plan": gettext_lazy("comparando con lo que ya está"),
    "people": gettext_lazy("guardando clientes"),
    "documents": gettext_lazy("guardando documentos"),
    "receipts": gettext_lazy("guardando cobros"),
    "cases": gettext_lazy("poniendo al día los casos"),
}


class Command(AldiaCommand):
    help = _(
        "Carga un archivo de documentos abiertos o de cobros. El mismo archivo dos veces no cambia nada."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        _add_what(parser)
        _add_how(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"]:
            self._undo(options)
            return
        with TemporaryDirectory(prefix="aldia-") as house:
            options["file"] = _file_of(options["files"], Path(house))
            result = self._answered(options)
        self.answer(result.as_data(), options, _lines(result, is_dry_run=options["dry_run"]))
        if result.is_refused:
            raise CommandError(_("Hay filas malas y pediste --strict: no entró ninguna."))
        if result.contacts and result.contacts.is_refused:
            raise CommandError(_("No se pudieron leer: %(names)s.") % {"names": options["contacts"].name})

    def _answered(self, options: dict[str, Any]) -> LoadResult:
        """Load, or tell why the whole file was refused."""
        for name in ("file", "contacts"):
            if options[name] and not options[name].is_file():
                raise CommandError(_("No existe el archivo %(path)s.") % {"path": options[name]})
        try:
            return self._rehearse(options) if options["dry_run"] else self._load(options)
        except Refused as refused:
            self.answer(LoadResult.refused(refused.as_problem()).as_data(), options, [])
            raise CommandError(f"{options['file'].name}: {refused}") from refused

    def _undo(self, options: dict[str, Any]) -> None:
        """Take the last load back, by reversal."""
        organisation = self.organisation(options)
        actor = self.actor(organisation)
        last = loads.last_merged(actor, portfolio=options["portfolio"])
        if last is None:
            raise CommandError(_("No hay ninguna carga hecha que se pueda deshacer."))
        try:
            row = intake.undo(
                actor=actor, load_id=last.pk, clock=access.clock_of(organisation, timezone.now())
            )
        except intake.UnableToUndo as refusal:
            raise CommandError(str(refusal)) from refusal
        name = row.file.name if row.file else str(row.pk)
        self.answer(
            {"undone": row.pk, "file": name},
            options,
            [_("Deshecha la carga %(load)s: %(file)s.") % {"load": row.pk, "file": name}],
        )

    def _rehearse(self, options: dict[str, Any]) -> LoadResult:
        """As `_load`; on an empty installation what a first load makes is taken back, so nothing at all is left."""
        if access.organisations().exists():
            return self._load(options)
        with transaction.atomic():
            result = self._load(options)
            transaction.set_rollback(True)
        return result

    def _load(self, options: dict[str, Any]) -> LoadResult:
        organisation = newcomers.organisation_for(self, options)
        actor, now = self.actor(organisation), timezone.now()
        clock = access.clock_of(organisation, now)
        if options["as_of"]:
            clock = Clock(max(options["as_of"], organisation.sandbox_on or options["as_of"]), now)
        request = _request(options)
        result = intake.load(
            actor=actor, path=options["file"], request=request, clock=clock, is_dry_run=options["dry_run"],
            on_step=self._tell_step,
        )  # fmt: skip
        if options["contacts"] and not result.is_refused:
            result = replace(result, contacts=self._load_contacts(actor, request, clock, options))
        return result

    def _load_contacts(
        self, actor: Actor, request: LoadRequest, clock: Clock, options: dict[str, Any]
    ) -> LoadResult:
        """Take the contacts. The documents are in by now, and stay: a file refused here is told beside what they did."""
        try:
            people = intake.load_contacts(
                actor=actor,
                path=options["contacts"],
                request=request,
                clock=clock,
                is_dry_run=options["dry_run"],
            )
        except Refused as refused:
            self.tell(f"  {options['contacts'].name}: {refused}")
            return LoadResult.refused(refused.as_problem())
        self.tell(
            _(
                "  contactos: %(rows)s filas; %(new)s nuevos, %(changed)s cambian, %(same)s siguen igual, %(rejected)s rechazados"
            )
            % people.as_data()
        )
        for line in _told(people):
            self.tell(line)
        return people

    def _tell_step(self, step: str, done: int, total: int) -> None:
        """Say a step when it begins, with its rows, and how far it is on long files."""
        if step == "receipts" and not total:
            return
        if not done:
            rows = _(": %(total)s filas") % {"total": total} if total else ""
            self.tell(f"  {STEPS[step]}{rows} …")
        elif done < total:
            self.tell(_("    %(done)s de %(total)s filas") % {"done": done, "total": total})


def _file_of(given: list[Path], house: Path) -> Path:
    """The one file to load; a folder or several electronic documents travel as one ZIP. Raises CommandError."""
    if not given:
        raise CommandError(_("Falta el archivo: aldia load ARCHIVO."))
    if len(given) == 1 and not given[0].is_dir():
        return given[0]
    found: list[tuple[Path, str]] = []
    for path in given:
        inside = documents_in(path) if path.is_dir() else [path]
        found += [(each, str(each.relative_to(path)) if path.is_dir() else each.name) for each in inside]
    if missing := [path for path, _name in found if not path.is_file()]:
        raise CommandError(_("No existe el archivo %(path)s.") % {"path": missing[0]})
    if not found:
        raise CommandError(_("En %(path)s no hay ningún XML.") % {"path": given[0]})
    if others := [path for path, _name in found if path.suffix.lower() not in DOCUMENT_SUFFIXES]:
        raise CommandError(
            _("Varios a la vez solo facturas electrónicas sueltas: carga %(name)s aparte.")
            % {"name": others[0].name}
        )
    name = given[0].name if given[0].is_dir() else "facturas"
    return bundled([path for path, _name in found], house / f"{name}.zip", [name for _path, name in found])


def _add_what(parser: ArgumentParser) -> None:
    """What is loaded and where it goes."""
    parser.add_argument(
        "files",
        type=Path,
        nargs="*",
        metavar="ARCHIVO",
        help=_("CSV, XLSX, XLS u ODS; o facturas electrónicas: uno o varios XML, un ZIP o una carpeta"),
    )
    parser.add_argument(
        "--undo",
        action="store_true",
        help=_("deshace la última carga, la de --portfolio si lo dices; sin archivo"),
    )
    parser.add_argument(
        "--kind", choices=["documents", "receipts"], default="documents", help=_("qué son las filas")
    )
    parser.add_argument(
        "--creditor",
        default="",
        metavar="NOMBRE",
        help=_("a quién se le debe; si falta, la organización"),
    )
    parser.add_argument(
        "--creditor-tax-id",
        default="",
        metavar="NÚMERO",
        help=_("identificación fiscal del acreedor: reconoce las facturas que emitió"),
    )
    parser.add_argument("--portfolio", default="", metavar="NOMBRE", help=_("cartera; si no existe, se crea"))
    parser.add_argument(
        "--currency", default="", metavar="COD", help=_("moneda, si el archivo no la dice: USD, ARS …")
    )
    parser.add_argument("--country", default="", metavar="CC", help=_("país de los clientes: AR, MX, CO …"))
    parser.add_argument(
        "--debt-kind",
        default="",
        metavar="CLASE",
        help=_("consumer, commercial …: la ley depende de esto"),
    )
    parser.add_argument("--strategy", default="", metavar="CLAVE", help=_("estrategia de la cartera"))


def _add_how(parser: ArgumentParser) -> None:
    """How the file is read and taken."""
    parser.add_argument(
        "--contacts",
        type=Path,
        metavar="ARCHIVO",
        help=_("CSV de código de cliente, nombre, correo, teléfono, idioma"),
    )
    parser.add_argument("--mapping", type=Path, metavar="ARCHIVO", help=_("JSON o YAML de campo: columna"))
    parser.add_argument(
        "--round",
        choices=["half_up", "half_even"],
        default="",
        help=_("cómo redondear importes más finos que la moneda"),
    )
    parser.add_argument(
        "--date-order",
        choices=["dmy", "mdy", "ymd"],
        default="",
        help=_("qué va primero en las fechas, si el archivo no lo aclara"),
    )
    parser.add_argument(
        "--decimal",
        choices=["comma", "dot"],
        default="",
        help=_("1.234,56 o 1,234.56, si el archivo no lo aclara"),
    )
    parser.add_argument(
        "--as-of", type=read_date, metavar="FECHA", help=_("AAAA-MM-DD: a qué día son los saldos")
    )
    parser.add_argument(
        "--payment-days",
        type=int,
        metavar="DÍAS",
        help=_("de la emisión al vencimiento, si la factura electrónica no lo dice"),
    )
    parser.add_argument(
        "--full-refresh",
        action="store_true",
        help=_("el archivo es todo lo abierto; lo que falta se cobró fuera"),
    )
    parser.add_argument("--strict", action="store_true", help=_("con una fila mala no entra ninguna"))
    parser.add_argument("--dry-run", action="store_true", help=_("muestra lo que haría, sin guardar nada"))


def _request(options: dict[str, Any]) -> LoadRequest:
    mapping = options["mapping"]
    return LoadRequest(
        kind=options["kind"],
        creditor=options["creditor"],
        portfolio=options["portfolio"],
        currency=options["currency"].upper(),
        country=options["country"].upper(),
        debt_kind=options["debt_kind"],
        strategy=options["strategy"],
        rounding=options["round"],
        as_of=options["as_of"],
        date_order=options["date_order"],
        decimal=options["decimal"],
        is_full_refresh=options["full_refresh"],
        is_strict=options["strict"],
        creditor_tax_id=options["creditor_tax_id"],
        payment_days=options["payment_days"],
        mapping=load_mapping(mapping, kind=options["kind"]).to_dict() if mapping else None,
    )


def _lines(result: LoadResult, *, is_dry_run: bool) -> list[str]:
    data = result.as_data()
    head = _("Se crearían") if is_dry_run else _("Se crearon")
    lines = [
        _(
            "%(head)s %(new)s, cambian %(changed)s, siguen igual %(same)s, quedan fuera %(rejected)s; cobros: %(receipts)s."
        )
        % {**data, "head": head}
    ]
    lines += [
        _("  %(currency)s: %(documents)s documentos, %(open)s abierto")
        % {
            "currency": currency,
            "documents": total["documents"],
            "open": formats.money(total["open_minor"], currency, to_locale(get_language() or "es")),
        }
        for currency, total in result.totals.items()
    ]
    if result.settled:
        lines.append(_("  Ya no vienen y se dan por pagados fuera: %(total)s.") % {"total": result.settled})
    return lines + _told(result)


def _told(result: LoadResult) -> list[str]:
    """The first problems, a line each."""
    lines = [
        (
            _("  %(file)s, %(field)s: se encontró «%(found)s». %(expected)s %(hint)s")
            if problem.get("file")
            else _("  fila %(row)s, %(field)s: se encontró «%(found)s». %(expected)s %(hint)s")
        )
        % problem
        for problem in result.problems[:20]
    ]
    if result.problems_total > 20:
        lines.append(_("  … y %(count)s avisos más.") % {"count": result.problems_total - 20})
    return lines
