"""Addresses for guests: galleries, one photo, its pictures, downloads, adding photos."""

from django.urls import path

from photos.delivery import archive_views, download_views, picture_views
from photos.gallery import favourites, hide_views, invitation, selection, slideshow, views
from photos.intake import direct_upload_views, guest_upload_views

urlpatterns = [
    path("e/<slug:slug>/", views.general, name="general"),
    path(
        "e/<slug:slug>/join/<str:code>/cover.jpg", invitation.cover, {"size": "page"}, name="cover"
    ),
    path(
        "e/<slug:slug>/join/<str:code>/cover-large.jpg",
        invitation.cover,
        {"size": "large"},
        name="cover_large",
    ),
    path(
        "e/<slug:slug>/join/<str:code>/link.jpg",
        invitation.cover,
        {"size": "link"},
        name="cover_link",
    ),
    path("e/<slug:slug>/news/", views.general_news, name="general_news"),
    path("e/<slug:slug>/times/", views.times, name="times"),
    path("e/<slug:slug>/photos/<int:photo_id>/", views.photo, name="photo"),
    path(
        "e/<slug:slug>/photos/<int:photo_id>/thumbnail.jpg",
        picture_views.thumbnail,
        name="thumbnail",
    ),
    path("e/<slug:slug>/photos/<int:photo_id>/medium.jpg", picture_views.medium, name="medium"),
    path("e/<slug:slug>/photos/<int:photo_id>/preview.jpg", picture_views.preview, name="preview"),
    path("e/<slug:slug>/photos/<int:photo_id>/original", picture_views.original, name="original"),
    path("e/<slug:slug>/direct/", direct_upload_views.status, name="direct"),
    path("e/<slug:slug>/direct/outcome", direct_upload_views.outcome, name="direct_outcome"),
    path("e/<slug:slug>/direct/s3/multipart", direct_upload_views.begin, name="direct_begin"),
    path(
        "e/<slug:slug>/direct/s3/multipart/<str:upload_id>",
        direct_upload_views.parts_or_abort,
        name="direct_parts",
    ),
    path(
        "e/<slug:slug>/direct/s3/multipart/<str:upload_id>/complete",
        direct_upload_views.complete,
        name="direct_complete",
    ),
    path(
        "e/<slug:slug>/direct/s3/multipart/<str:upload_id>/<int:number>",
        direct_upload_views.sign_part,
        name="direct_part",
    ),
    path("e/<slug:slug>/live/<slug:code>/", slideshow.screen, name="live"),
    path("e/<slug:slug>/live/<slug:code>/slides.json", slideshow.slides, name="live_slides"),
    path(
        "e/<slug:slug>/live/<slug:code>/<int:photo_id>.jpg", slideshow.picture, name="live_picture"
    ),
    path("e/<slug:slug>/photos/<int:photo_id>/download", download_views.download, name="download"),
    path("e/<slug:slug>/photos/<int:photo_id>/hide/", hide_views.ask, name="ask_to_hide"),
    path(
        "e/<slug:slug>/photos/<int:photo_id>/hide/undo/",
        hide_views.take_back,
        name="take_hiding_back",
    ),
    path("e/<slug:slug>/download/", selection.download, name="download_selection"),
    path("e/<slug:slug>/download/packed/", archive_views.packed, name="download_packed"),
    path("e/<slug:slug>/favourites/download/", favourites.download, name="download_favourites"),
    path("e/<slug:slug>/favourites/", favourites.favourites, name="favourites"),
    path("e/<slug:slug>/favourites/<int:photo_id>/", favourites.photo, name="favourite_photo"),
    path("e/<slug:slug>/favourites/times/", favourites.times, name="favourite_times"),
    path("e/<slug:slug>/favourites/ids/", favourites.ids, name="favourite_ids"),
    path("e/<slug:slug>/favourites/mark/", favourites.mark, name="mark_favourites"),
    path("e/<slug:slug>/add/", guest_upload_views.uploads, name="uploads"),
    path(
        "e/<slug:slug>/add/<int:photo_id>/remove/", guest_upload_views.remove, name="remove_upload"
    ),
]
