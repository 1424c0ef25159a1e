"""Addresses of photos: the General gallery, one photo, its bytes."""

from django.urls import path

from photos import download_views, favourite_views, upload_views, views

urlpatterns = [
    path("e/<slug:slug>/", views.general, name="general"),
    path("e/<slug:slug>/photos/<int:photo_id>/", views.photo, name="photo"),
    path("e/<slug:slug>/photos/<int:photo_id>/thumbnail.jpg", views.thumbnail, name="thumbnail"),
    path("e/<slug:slug>/photos/<int:photo_id>/preview.jpg", views.preview, name="preview"),
    path("e/<slug:slug>/photos/<int:photo_id>/original", views.original, name="original"),
    path("e/<slug:slug>/photos/<int:photo_id>/download", download_views.download, name="download"),
    path("e/<slug:slug>/download/", download_views.download_selection, name="download_selection"),
    path(
        "e/<slug:slug>/favourites/download/",
        download_views.download_favourites,
        name="download_favourites",
    ),
    path("e/<slug:slug>/favourites/", favourite_views.favourites, name="favourites"),
    path("e/<slug:slug>/favourites/ids/", favourite_views.ids, name="favourite_ids"),
    path("e/<slug:slug>/favourites/mark/", favourite_views.mark, name="mark_favourites"),
    path("e/<slug:slug>/add/", upload_views.uploads, name="uploads"),
    path("e/<slug:slug>/add/<int:photo_id>/remove/", upload_views.remove, name="remove_upload"),
]
