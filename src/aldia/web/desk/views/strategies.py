"""Screen: strategies."""

from django.urls import URLPattern

urls: list[URLPattern] = []
