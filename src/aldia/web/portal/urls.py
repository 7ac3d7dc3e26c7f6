"""Addresses of the debtor portal."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
