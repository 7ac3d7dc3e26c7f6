from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "aldia.ops"
    label = "ops"
