"""Every address, one door a line."""

from django.urls import include, path

urlpatterns = [
    path("cuenta/", include("allauth.urls")),
    path("", include("aldia.web.ui.urls")),
    path("", include("aldia.web.desk.urls")),
    path("p/", include("aldia.web.portal.urls")),
]
