"""`manage.py demo`: the demonstration of a first start. Standard output gets who can sign in, and nothing else."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access.permissions import ROLE_DESCRIPTIONS
from aldia.ops import demo
from aldia.ops.console import AldiaCommand
from aldia.ops.demo.again import NotTheDemonstration, put_away
from aldia.ops.demo.houses import PASSWORD
from aldia.ops.demo.making import DAYS


class Command(AldiaCommand):
    help = _("Crea dos organizaciones inventadas, con semanas de historia, sobre una base vacía.")
    needs_organisation = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--days", type=int, default=DAYS, metavar="N", help=_("cuántos días se viven, hasta hoy")
        )
        parser.add_argument(
            "--put-away",
            action="store_true",
            help=_("aparta lo que vivió la demostración, para empezar otra; no borra nada"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["put_away"]:
            self._put_away(options)
            return
        try:
            users = demo.make(now=timezone.now(), tell=self.tell, days=max(options["days"], 1))
        except demo.AlreadyInhabited as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = [
            {"organisation": house, "name": name, "email": email, "role": role}
            for house, name, email, role in users
        ]
        self.answer({"password": PASSWORD, "users": rows}, options, _lines(users))

    def _put_away(self, options: dict[str, Any]) -> None:
        try:
            away = put_away(now=timezone.now())
        except NotTheDemonstration as refusal:
            raise CommandError(str(refusal)) from refusal
        told = _("Lo que vivió la demostración quedó en %(folder)s") % {"folder": away} if away else ""
        self.answer({"put_away": str(away) if away else None}, options, [told] if told else [])


def _lines(users: list[tuple[str, str, str, str]]) -> list[str]:
    lines = [_("Personas de la demostración, todas con la clave  %(password)s") % {"password": PASSWORD}]
    latest = ""
    for house, _name, email, role in users:
        if house != latest:
            lines += ["", house]
            latest = house
        lines.append(f"  {email:26} {ROLE_DESCRIPTIONS[role]}")
    return lines
