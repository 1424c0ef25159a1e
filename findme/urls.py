"""All addresses, room by room."""

from django.contrib import admin
from django.urls import include, path

handler500 = "events.outage.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("events.urls")),
    path("", include("photos.urls")),
    path("", include("faces.urls")),
]
