from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutcomesConfig(AppConfig):
    name = "aldia.outcomes"
    label = "outcomes"
    verbose_name = _("Gestiones")
    default_auto_field = "django.db.models.BigAutoField"
