from django.apps import AppConfig


class AgencyConfig(AppConfig):
    name = "aldia.web.agency"
    label = "agency"
