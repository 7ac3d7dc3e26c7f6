"""`aldia verify`: derive every balance again from the journal and name every difference."""

from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.ops.console import AldiaCommand
from aldia.ops.verifying import verify


class Command(AldiaCommand):
    help = _(
        "Vuelve a calcular cada saldo desde el diario, revisa cobros, auditoría y archivos, y nombra cada diferencia."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [self.organisation(options)] if options.get("organisation") else list(access.organisations())
        verified = verify(chosen, tell=self.tell)
        result = {"ok": verified.ok, "postings": verified.postings, "differences": verified.differences}
        lines = [
            _("%(count)s asientos revisados.") % {"count": verified.postings},
            *map(str, verified.differences),
        ]
        self.answer(result, options, [*lines, _("Todo cuadra.") if verified.ok else _("Hay diferencias.")])
        if not verified.ok:
            raise CommandError(_("%(count)s diferencias.") % {"count": len(verified.differences)})
