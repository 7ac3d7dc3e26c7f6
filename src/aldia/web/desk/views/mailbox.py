"""Screen: mailbox."""

from django.urls import URLPattern

urls: list[URLPattern] = []
