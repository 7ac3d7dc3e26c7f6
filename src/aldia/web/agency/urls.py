"""The addresses of the window."""

from django.urls import URLPattern

from aldia.web.agency.views import activities, cases, creditor

app_name = "agency"
urlpatterns: list[URLPattern] = [*creditor.urls, *cases.urls, *activities.urls]
