"""Screen: settings."""

from django.urls import URLPattern

urls: list[URLPattern] = []
