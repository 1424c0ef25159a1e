"""Addresses of faces: the selfie, My Photos, what is stored about me."""

from django.urls import path

from faces import my_photos, together_views, verdict_views, views

urlpatterns = [
    path("e/<slug:slug>/mine/", my_photos.my_photos, name="my_photos"),
    path("e/<slug:slug>/mine/news/", my_photos.my_news, name="my_news"),
    path("e/<slug:slug>/mine/why/", my_photos.why_not, name="why_not"),
    path("e/<slug:slug>/mine/<int:photo_id>/", my_photos.my_photo, name="my_photo"),
    path("e/<slug:slug>/mine/download/", my_photos.download_mine, name="download_mine"),
    path(
        "e/<slug:slug>/photos/<int:photo_id>/faces/", verdict_views.photo_faces, name="photo_faces"
    ),
    path("e/<slug:slug>/photos/<int:photo_id>/verdict/", verdict_views.say, name="say_verdict"),
    path("e/<slug:slug>/together/", together_views.together, name="together"),
    path(
        "e/<slug:slug>/together/<int:consent_id>/",
        together_views.together_with,
        name="together_with",
    ),
    path(
        "e/<slug:slug>/together/<int:consent_id>/download/",
        together_views.download_together,
        name="download_together",
    ),
    path("e/<slug:slug>/selfie/", views.selfie, name="selfie"),
    path("e/<slug:slug>/selfie/reuse/", views.reuse_selfies, name="reuse_selfies"),
    path("e/<slug:slug>/selfie/withdraw/", views.withdraw, name="withdraw"),
    path("e/<slug:slug>/selfie/<int:selfie_id>.jpg", views.selfie_image, name="selfie_image"),
    path("e/<slug:slug>/selfie/<int:selfie_id>/remove/", views.remove_selfie, name="remove_selfie"),
]
