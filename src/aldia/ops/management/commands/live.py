"""`aldia live`: what is missing to go live, what the first night would send, the step itself, and the stop of everything."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import services as access_services
from aldia.ops.console import AldiaCommand
from aldia.strategy import selectors as strategy
from aldia.strategy import services

if TYPE_CHECKING:
    from aldia.access.models import Organisation


class Command(AldiaCommand):
    help = _(
        "Dice qué falta para pasar a en vivo y qué saldría la primera noche; con --confirm NOMBRE da el paso. --pause detiene todo."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        step = parser.add_mutually_exclusive_group()
        step.add_argument(
            "--confirm", metavar="NOMBRE", help=_("el nombre de la organización: sale de la prueba")
        )
        step.add_argument("--pause", action="store_true", help=_("detiene todos los mensajes"))
        step.add_argument("--resume", action="store_true", help=_("deja que los mensajes salgan otra vez"))
        parser.add_argument(
            "--cap", type=int, default=services.USUAL_CAP, help=_("mensajes automáticos por día, los primeros días")
        )  # fmt: skip
        parser.add_argument(
            "--days", type=int, default=services.USUAL_DAYS, help=_("cuántos días dura el tope")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, now = self.organisation(options), timezone.now()
        actor = self.actor(organisation)
        if options["pause"] or options["resume"]:
            access_services.set_paused(actor=actor, is_paused=options["pause"], now=now)
            told = _("Todo detenido.") if options["pause"] else _("Los mensajes salen otra vez.")
            self.answer({"is_paused": options["pause"]}, options, [told])
        elif options["confirm"] is not None:
            self._go(organisation, options)
        else:
            self._look(organisation, options)

    def _go(self, organisation: Organisation, options: dict[str, Any]) -> None:
        try:
            went = services.go_live(
                actor=self.actor(organisation), typed_name=options["confirm"], cap=options["cap"], days=options["days"],
                now=timezone.now(),
            )  # fmt: skip
        except (services.NotReadyYet, services.NameDiffers, services.AlreadyLive) as refusal:
            raise CommandError(str(refusal)) from refusal
        result = {
            "first_on": went.first_on,
            "voided": went.voided,
            "cap": went.cap,
            "until_on": went.until_on,
        }
        self.answer(
            result,
            options,
            [_("En vivo desde el %(first_on)s. Avisos de prueba anulados: %(voided)s.") % result],
        )

    def _look(self, organisation: Organisation, options: dict[str, Any]) -> None:
        actor, now = self.actor(organisation), timezone.now()
        checks = strategy.readiness(actor, as_of=now.astimezone(ZoneInfo(organisation.timezone)).date())
        night = services.first_night(actor=actor, now=now, language=organisation.language)
        result = {
            "is_live": not organisation.is_sandbox,
            "is_paused": organisation.is_paused,
            "is_ready": not any(check.stops for check in checks),
            "checks": [
                {"key": check.key, "title": check.title, "missing": list(check.missing), "is_needed": check.is_needed}
                for check in checks
            ],
            "first_night": {"as_of": night.as_of, "notices": dict(night.notices), "people": night.people},
        }  # fmt: skip
        lines = [_("En vivo.") if result["is_live"] else _("En prueba: nada sale de este equipo.")]
        for check in checks:
            mark = "✓" if check.is_ready else "✗" if check.stops else "!"
            lines.append(f"  {mark} {check.title}" + "".join(f"\n      {text}" for text in check.missing))
        told = {"total": night.total, "people": night.people, "as_of": night.as_of}
        lines.append(_("Hoy, %(as_of)s, saldrían %(total)s mensajes a %(people)s personas.") % told)
        self.answer(result, options, lines)
