from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactConfig(AppConfig):
    name = "aldia.contact"
    label = "contact"
    verbose_name = _("Contacto")
    default_auto_field = "django.db.models.BigAutoField"
