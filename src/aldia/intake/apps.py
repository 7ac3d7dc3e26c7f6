from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "aldia.intake"
    label = "intake"
    verbose_name = _("Importación")
    default_auto_field = "django.db.models.BigAutoField"
