"""Screen: cases."""

from django.urls import URLPattern

urls: list[URLPattern] = []
