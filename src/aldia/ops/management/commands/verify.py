"""`aldia verify`: derive every balance again from the journal and name every difference."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.ops.console import AldiaCommand
from aldia.payments import selectors as payments


class Command(AldiaCommand):
    help = _(
        "Vuelve a calcular cada saldo desde el diario, revisa cobros y auditoría, y nombra cada diferencia."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [self.organisation(options)] if options.get("organisation") else list(access.organisations())
        postings, differences = 0, []
        for organisation in chosen:
            self.tell(_("Revisando %(name)s …") % {"name": organisation.name})
            books = payments.verify(organisation.pk)
            postings += books.postings
            chain = audit.verify_chain(organisation.pk)
            found = [asdict(difference) for difference in books.differences]
            if not chain.is_whole:
                found.append(
                    {
                        "kind": "audit_chain",
                        "expected": "whole",
                        "found": f"broken at event {chain.broken_at}",
                    }
                )
            differences += [{"organisation": organisation.key, **difference} for difference in found]
        result = {"ok": not differences, "postings": postings, "differences": differences}
        lines = [_("%(count)s asientos revisados.") % {"count": postings}, *map(str, differences)]
        self.answer(
            result, options, [*lines, _("Todo cuadra.") if not differences else _("Hay diferencias.")]
        )
        if differences:
            raise CommandError(_("%(count)s diferencias.") % {"count": len(differences)})
