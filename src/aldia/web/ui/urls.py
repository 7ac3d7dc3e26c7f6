"""Addresses of the face itself: preferences of the person, gallery of components."""

from django.urls import path

from aldia.web.ui import first, gallery, preferences

app_name = "ui"
urlpatterns = [
    path("preferencias/", preferences.save, name="preferences"),
    path("primera-vez/<str:token>/", first.first, name="first"),
    path("desk/componentes/", gallery.components, name="gallery"),
]
