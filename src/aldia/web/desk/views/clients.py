"""Screen: clients."""

from django.urls import URLPattern

urls: list[URLPattern] = []
