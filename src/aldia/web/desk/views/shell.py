"""Screen: shell."""

from django.urls import URLPattern

urls: list[URLPattern] = []
