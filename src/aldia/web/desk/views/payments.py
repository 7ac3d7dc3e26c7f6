"""Screen: payments."""

from django.urls import URLPattern

urls: list[URLPattern] = []
