"""`aldia outbox`: count the notices by state."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.contact import selectors as contact
from aldia.ops.console import AldiaCommand

STATES = ("queued", "sending", "sent", "failed", "unknown", "withheld")


class Command(AldiaCommand):
    help = _(
        "Cuenta los avisos por estado: en cola, enviándose, enviados, fallidos, sin confirmar y retenidos."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [self.organisation(options)] if options.get("organisation") else list(access.organisations())
        total: Counter[str] = Counter()
        for organisation in chosen:
            total.update(contact.outbox_counts(organisation.pk))
        result = {state: total[state] for state in STATES}
        self.answer(result, options, [f"{state:10} {count:>10,}" for state, count in result.items()])
