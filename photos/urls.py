"""Addresses of photos: the General gallery, one photo, its bytes."""

from django.urls import path

from photos import slideshow, views

urlpatterns = [
    path("e/<slug:slug>/", views.general, name="general"),
    path("e/<slug:slug>/news/", views.general_news, name="general_news"),
    path("e/<slug:slug>/times/", views.times, name="times"),
    path("e/<slug:slug>/photos/<int:photo_id>/", views.photo, name="photo"),
    path("e/<slug:slug>/photos/<int:photo_id>/thumbnail.jpg", views.thumbnail, name="thumbnail"),
    path("e/<slug:slug>/photos/<int:photo_id>/preview.jpg", views.preview, name="preview"),
    path("e/<slug:slug>/photos/<int:photo_id>/original", views.original, name="original"),
    path("e/<slug:slug>/live/<str:code>/", slideshow.screen, name="live"),
    path("e/<slug:slug>/live/<str:code>/slides.json", slideshow.slides, name="live_slides"),
    path(
        "e/<slug:slug>/live/<str:code>/<int:photo_id>.jpg", slideshow.picture, name="live_picture"
    ),
]
