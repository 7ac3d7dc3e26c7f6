from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "aldia.web.portal"
    label = "portal"
