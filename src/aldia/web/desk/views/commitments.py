"""Screen: commitments."""

from django.urls import URLPattern

urls: list[URLPattern] = []
