"""`aldia drop`: take what other systems left in the file drop, and leave there what they are told."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.ops import drop
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _(
        "Toma los archivos de la carpeta entrada/ y deja en salida/ los días terminados. El reloj lo hace solo."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, now = self.organisation(options), timezone.now()
        taken = drop.take_all(organisation, now=now)
        told = drop.tell_days(organisation, now=now)
        lines = [
            _("%(file)s: %(new)s nuevos, %(same)s iguales, %(rejected)s fuera")
            % {"file": each["file"], **{name: each.get(name, 0) for name in ("new", "same", "rejected")}}
            for each in taken
        ]
        data = {"taken": taken, "told": [str(path) for path in told]}
        self.answer(data, options, [*lines, _("%(count)s archivos en salida/") % {"count": len(told)}])
