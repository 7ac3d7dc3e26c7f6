from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "aldia.parties"
    label = "parties"
    verbose_name = _("Personas")
    default_auto_field = "django.db.models.BigAutoField"
