"""`aldia link`: one turn of the link with another system's books; with options, write it down, try it or show how it stands."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any, Final

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.intake import selectors
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.ops.console import AldiaCommand

SECRET: Final = "ALDIA_LINK_SECRET"


class Command(AldiaCommand):
    help = _(
        "Escribe en tu sistema contable lo cobrado aquí y trae lo que sigue abierto allí. El reloj lo hace cada diez minutos."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--set", metavar="URL", dest="url", help=_("anota el enlace: dónde responde Tryton")
        )
        parser.add_argument(
            "--database", default="", metavar="BASE", help=_("con --set: el nombre de la base")
        )
        parser.add_argument("--user", default="", metavar="USUARIO", help=_("con --set: quién es aldia allí"))
        parser.add_argument(
            "--portfolio", default="Tryton", metavar="CARTERA", help=_("con --set: a qué cartera entra")
        )
        parser.add_argument(
            "--method", default="", metavar="MÉTODO", help=_("con --set: el método de pago de Tryton")
        )
        parser.add_argument("--off", action="store_true", help=_("con --set: anotado y apagado"))
        parser.add_argument("--try", action="store_true", dest="is_try", help=_("solo entra y dice quién es"))
        parser.add_argument("--status", action="store_true", help=_("cómo está, sin dar la vuelta"))
        parser.add_argument(
            "--full", action="store_true", help=_("lee todo lo abierto, no solo lo que cambió")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, now = self.organisation(options), timezone.now()
        actor = self.actor(organisation)
        try:
            if options["url"]:
                intake.set_link(actor=actor, draft=_draft(options), now=now)
            if options["is_try"]:
                greeting = intake.try_link(actor=actor)
                self.answer({"ok": True, "greeting": greeting}, options, [greeting])
                return
            if not options["status"] and not options["url"]:
                clock = access.clock_of(organisation, now)
                intake.sync(actor=actor, clock=clock, real_now=now, is_full=options["full"])
        except (intake.NoLink, intake.LinkNotKept, Refused) as refusal:
            raise CommandError(str(refusal)) from refusal
        self._show(actor, options)

    def _show(self, actor: Any, options: dict[str, Any]) -> None:
        view = selectors.link_of(actor)
        if view is None:
            raise CommandError(_("No hay un enlace: anótalo con --set."))
        data, problem = view.as_data(), view.row.problem
        lines = [
            _("Escritos allí: %(delivered)s, anulados: %(back)s, pendientes: %(left)s")
            % {"delivered": view.delivered, "back": view.taken_back, "left": len(view.unsettled)},
            *(" ".join(filter(None, (each.problem.get("found"), each.problem.get("hint")))) for each in view.unsettled),
        ]  # fmt: skip
        self.answer(data, options, lines)
        if problem:
            raise CommandError(
                " ".join(filter(None, (problem["found"], problem["expected"], problem["hint"])))
            )


def _draft(options: dict[str, Any]) -> intake.LinkDraft:
    """The secret comes by the environment or the keyboard: a command's words are seen by everybody on the machine."""
    secret = os.environ.get(SECRET, "")
    if not secret and sys.stdin.isatty():
        secret = getpass(_("Clave de ese usuario: "))
    return intake.LinkDraft(
        system="tryton", url=options["url"], database=options["database"], user=options["user"], secret=secret,
        portfolio=options["portfolio"], method=options["method"], is_on=not options["off"],
    )  # fmt: skip
