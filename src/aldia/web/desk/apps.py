from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "aldia.web.desk"
    label = "desk"
