from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "aldia.web.ui"
    label = "ui"
