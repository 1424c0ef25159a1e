"""All addresses, room by room."""

from django.contrib import admin
from django.urls import include, path

# allauth looks for it, where one of its own pages is asked for too often.
handler404 = "events.gone.not_found"
handler429 = "findme.limits.of_allauth"
handler500 = "events.gone.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("events.urls")),
    path("", include("photos.urls")),
    path("", include("faces.urls")),
]
