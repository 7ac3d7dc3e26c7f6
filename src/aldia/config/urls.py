"""Every address, one door a line."""

from django.urls import include, path

from aldia.web.api.v1 import urls as v1

urlpatterns = [
    path("cuenta/", include("allauth.urls")),
    path("", include("aldia.web.ui.urls")),
    path("", include("aldia.web.desk.urls")),
    path("ventana/", include("aldia.web.agency.urls")),
    path("p/", include("aldia.web.portal.urls")),
    path("ganchos/", include("aldia.web.api.urls")),
    path("api/v1/", v1.urls),
]

handler400 = "aldia.web.ui.faults.bad_request"
handler403 = "aldia.web.ui.faults.not_allowed"
handler404 = "aldia.web.ui.faults.not_found"
handler500 = "aldia.web.ui.faults.broken"
