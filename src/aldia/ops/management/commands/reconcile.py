"""`aldia reconcile`: take bank files and match what waits."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.intake import services as intake
from aldia.intake.mapping.mapping import load_mapping
from aldia.intake.readers.refusals import Refused
from aldia.ledger import selectors as ledger
from aldia.ops.console import AldiaCommand
from aldia.payments import services as payments


class Command(AldiaCommand):
    help = _(
        "Toma extractos, retornos y devoluciones del banco y aplica lo que es seguro; el resto espera en Pagos, Conciliación."
        " Sin archivo, vuelve a buscar lo que espera. El mismo archivo dos veces no cambia nada."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "files", type=Path, nargs="*", metavar="ARCHIVO",
            help=_("camt, MT940, OFX, QIF, Norma 43, CNAB, pain.002 o una tabla"),
        )  # fmt: skip
        parser.add_argument(
            "--account", default="", metavar="CUENTA", help=_("cuenta del banco, si el archivo no la dice")
        )
        parser.add_argument(
            "--portfolio", default="", metavar="NOMBRE", help=_("dónde espera lo que no se reconoce, si la cuenta es nueva")
        )  # fmt: skip
        parser.add_argument(
            "--currency", default="", metavar="COD", help=_("moneda, si el archivo no la dice: USD, ARS …")
        )
        parser.add_argument(
            "--mapping", type=Path, metavar="ARCHIVO", help=_("JSON o YAML de campo: columna")
        )
        parser.add_argument(
            "--dry-run", action="store_true", help=_("muestra lo que haría, sin guardar nada")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = self.organisation(options)
        actor = self.actor(organisation)
        clock = access.clock_of(organisation, timezone.now())
        for path in options["files"]:
            if not path.is_file():
                raise CommandError(_("No existe el archivo %(path)s.") % {"path": path})
        files = {str(path): self._take(actor, path, clock, options) for path in options["files"]}
        if not files:
            files = {"": self._again(actor, clock, is_dry_run=options["dry_run"])}
        totals = [line for data in files.values() for line in _lines(data)]
        self.answer({"files": files, "totals": list(files.values())[-1]["totals"]}, options, totals)

    def _take(self, actor: Actor, path: Path, clock: Clock, options: dict[str, Any]) -> dict[str, Any]:
        mapping = options["mapping"]
        try:
            request = intake.BankRequest(
                account=options["account"], portfolio_id=_portfolio(actor, options["portfolio"]),
                currency=options["currency"].upper(),
                mapping=load_mapping(mapping, kind="receipts").to_dict() if mapping else None,
            )  # fmt: skip
            done = intake.take_bank_file(
                actor=actor, path=path, name=path.name, request=request, clock=clock, is_dry_run=options["dry_run"],
                on_step=self._tell_step,
            )  # fmt: skip
        except (Refused, payments.BadStatement, payments.UnknownBankAccount) as refused:
            raise CommandError(f"{path}: {refused}") from refused
        return done.as_data()

    def _again(self, actor: Actor, clock: Clock, *, is_dry_run: bool) -> dict[str, Any]:
        return intake.match_again(
            actor=actor, clock=clock, is_dry_run=is_dry_run, on_step=self._tell_step
        ).as_data()

    def _tell_step(self, done: int, total: int) -> None:
        if done < total:
            self.tell(_("    %(done)s de %(total)s movimientos") % {"done": done, "total": total})


def _portfolio(actor: Actor, name: str) -> int | None:
    """Return the portfolio of this name or key. Raises CommandError where there is none."""
    if not name:
        return None
    rows = list(ledger.portfolios(actor))
    found = [row.pk for row in rows if name.lower() in {row.name.lower(), row.key}]
    if not found:
        names = ", ".join(row.name for row in rows) or "–"
        raise CommandError(
            _("No hay una cartera «%(name)s». Hay: %(names)s.") % {"name": name, "names": names}
        )
    return int(found[0])


def _lines(data: dict[str, Any]) -> list[str]:
    """What a file brought and where every cent is, for people."""
    told = [
        _(
            "%(lines)s movimientos, %(new)s nuevos; aplicados solos %(automatic)s, devueltos %(returned)s, por decidir %(waiting)s."
        )
        % data
    ]
    told += [
        _("  El saldo de %(account)s no coincide con sus movimientos.") % {"account": name}
        for name in data["unbalanced"]
    ]
    told += [
        _("  Devolución sin cobro que reversar: %(reference)s") % {"reference": each}
        for each in data["unknown_returns"]
    ]
    for problem in data["problems"][:20]:
        told.append("  {found} {expected} {hint}".format(**problem))
    return told + [_total(total) for total in data["totals"]]


def _total(total: dict[str, Any]) -> str:
    locale = to_locale(get_language() or "es")
    money = {
        name: formats.money(value, total["currency"], locale)
        for name, value in total.items()
        if name.endswith("_minor")
    }
    return _(
        "  %(currency)s: %(total_minor)s = aplicado %(applied_minor)s + sin identificar %(unidentified_minor)s"
        " + devuelto %(returned_minor)s + apartado %(ignored_minor)s + por decidir %(waiting_minor)s"
    ) % {"currency": total["currency"], **money}
