from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "aldia.chat"
    label = "chat"
    verbose_name = _("Conversaciones")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who answers the keys of automatic calls."""
        import_module("aldia.chat.services.keypad")
