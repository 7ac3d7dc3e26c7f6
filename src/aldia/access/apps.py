from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "aldia.access"
    label = "access"
    verbose_name = _("Acceso")
    default_auto_field = "django.db.models.BigAutoField"
