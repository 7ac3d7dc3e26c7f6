from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutcomesConfig(AppConfig):
    name = "aldia.outcomes"
    label = "outcomes"
    verbose_name = _("Gestiones")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from aldia.cases.steps import also_ours
        from aldia.outcomes.words import STORED

        also_ours(STORED)
