"""Addresses of the machines' door."""

from aldia.web.api import callbacks, paying

app_name = "api"

urlpatterns = [*paying.urls, *callbacks.urls]
