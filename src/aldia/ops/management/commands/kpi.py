"""`aldia kpi`: the indicators of an organisation on a date, derived from the journal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from aldia.kpi import selectors as kpi
from aldia.ops.console import AldiaCommand, read_date


class Command(AldiaCommand):
    help = _(
        "Muestra los indicadores a una fecha: antigüedad de saldos por moneda, DSO, CEI, promesas y contactos."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", type=read_date, metavar="FECHA", help=_("AAAA-MM-DD; si falta, hoy"))

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = self.organisation(options)
        result = kpi.indicators(organisation.pk, as_of=self.as_of(options, organisation))
        self.answer(result, options, [json.dumps(result, indent=2, ensure_ascii=False, default=str)])
