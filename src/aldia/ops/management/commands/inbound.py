"""`aldia inbound`: take in a mail that came (a file, or the standard input of a mail server's pipe), or fetch the boxes."""

import sys
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
        "Lee correos que llegaron: respuestas, rebotes y quejas. Cada uno se guarda una sola vez, tal como vino."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "files", nargs="*", metavar="ARCHIVO",
            help=_("correos enteros; - es la entrada; sin ninguno, recoge los buzones configurados"),
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = self.organisation(options)
        now = timezone.now()
        if options["files"]:
            for name in options["files"]:
                contact.keep_mail(organisation_id=organisation.pk, raw=_read(name), now=now)
        else:
            contact.fetch_mail(now=now, organisation_id=organisation.pk)
        counts = contact.process_arrivals(limit=10_000, now=now, organisation_id=organisation.pk)
        result = {"done": counts["done"], "refused": counts["refused"]}
        self.answer(result, options, [_("%(done)s leídos, %(refused)s que no se pudieron leer") % result])


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(
            _("No se puede leer %(name)s: %(why)s") % {"name": name, "why": error.strerror}
        ) from error
