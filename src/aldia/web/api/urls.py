"""Addresses of the machines' door."""

from aldia.web.api import callbacks

app_name = "api"

urlpatterns = [*callbacks.urls]
