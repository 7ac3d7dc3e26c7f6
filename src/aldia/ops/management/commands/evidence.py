"""`aldia evidence`: the evidence of one person in a ZIP that anyone can check, or the public key that signs it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.kpi import evidence
from aldia.kpi.evidence.packing import NobodyThere
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _(
        "Deja en un ZIP firmado todo lo que se sabe de los contactos con una persona: avisos, normas, consentimientos, diario."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--person", type=int, metavar="NÚMERO", help=_("número de la persona"))
        what.add_argument("--key", action="store_true", help=_("solo la clave pública de la organización"))
        parser.add_argument(
            "--to", type=Path, default=Path(), metavar="CARPETA", help=_("carpeta donde dejar el ZIP")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, now = self.organisation(options), timezone.now()
        actor = self.actor(organisation)
        public = evidence.public_key(actor, now=now)
        if options["key"]:
            told = {"public_key": public, "fingerprint": evidence.fingerprint(public)}
            self.answer(told, options, [told["public_key"], told["fingerprint"]])
            return
        folder: Path = options["to"]
        if not folder.is_dir():
            raise CommandError(_("No hay ninguna carpeta en %(path)s.") % {"path": folder})
        try:
            pack = evidence.pack_of_person(
                actor=actor, party_id=options["person"], clock=access.clock_of(organisation, now),
                language=organisation.language,
            )  # fmt: skip
        except NobodyThere as missing:
            raise CommandError(str(missing)) from missing
        path = folder / pack.name
        path.write_bytes(pack.content)
        result = {"file": str(path), "records": pack.counts, "public_key": public}
        self.answer(result, options, [str(path), _("Clave pública: %(key)s") % {"key": public}])
