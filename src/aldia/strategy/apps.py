from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StrategyConfig(AppConfig):
    name = "aldia.strategy"
    label = "strategy"
    verbose_name = _("Estrategia")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from aldia.cases.steps import also_told
        from aldia.strategy.shipped import shipped_words

        also_told(shipped_words)
