"""`aldia day`: live a day of an organisation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.ops.console import AldiaCommand, read_date
from aldia.ops.day import UnableToLive, live_day

STEP_NAMES = {
    "prepare": gettext_lazy("lo que viene con aldia"),
    "open_cases": gettext_lazy("saldos y casos"),
    "settle_promises": gettext_lazy("promesas"),
    "share_out": gettext_lazy("reparto"),
    "raise_alarms": gettext_lazy("alarmas"),
    "remind_unidentified": gettext_lazy("dinero sin cliente"),
    "remind_certificates": gettext_lazy("certificados que faltan"),
    "watch_credit": gettext_lazy("créditos excedidos"),
    "decide": gettext_lazy("estrategias"),
    "thank": gettext_lazy("agradecimientos"),
    "restore": gettext_lazy("servicios repuestos"),
    "send": gettext_lazy("envíos"),
    "keep_segments": gettext_lazy("segmentos"),
    "keep_worth": gettext_lazy("lo que rinde cada caso"),
    "measure": gettext_lazy("indicadores"),
    "forget_recordings": gettext_lazy("grabaciones vencidas"),
    "seal": gettext_lazy("auditoría"),
}


class Command(AldiaCommand):
    help = _(
        "Hace el día: saldos, promesas, reparto, alarmas, estrategias, envíos e indicadores. Repetirlo no repite nada."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--as-of",
            type=read_date,
            metavar="FECHA",
            help=_("AAAA-MM-DD; en prueba mueve el reloj, solo hacia adelante"),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("decide y muestra, sin guardar nada"))

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = self.organisation(options)
        as_of = self.as_of(options, organisation)
        try:
            report = live_day(
                organisation=organisation,
                as_of=as_of,
                now=timezone.now(),
                is_dry_run=options["dry_run"],
                on_step=lambda name: self.tell(f"  {STEP_NAMES.get(name, name)} …"),
            )
        except UnableToLive as error:
            raise CommandError(str(error)) from error
        self.answer(report, options, _lines(report))


def _lines(report: dict[str, Any]) -> list[str]:
    notices = ", ".join(f"{count} {channel}" for channel, count in sorted(report["notices"].items())) or "0"
    lines = [
        _("Día %(as_of)s: %(cases)s casos.") % report,
        _("  Avisos: %(notices)s · tareas: %(tasks)s · cambios de etapa: %(stages)s · alarmas: %(alarms)s")
        % {**report, "notices": notices},
        _("  Retenidos: %(withheld)s · vencidos sin hacer: %(missed)s") % report,
    ]
    lines += [f"    {rule}: {count}" for rule, count in sorted(report["withheld_by"].items())]
    return lines
