"""Addresses of faces: the selfie, My Photos, what is stored about me."""

from django.urls import path

from faces.guest import (
    children_views,
    corrections,
    my_photos,
    questions_views,
    selfie,
    together_views,
    why_not,
)
from faces.notices import views as notice_views
from faces.privacy import views as privacy_views

urlpatterns = [
    path("e/<slug:slug>/mine/", my_photos.my_photos, name="my_photos"),
    path("e/<slug:slug>/mine/times/", my_photos.my_times, name="my_times"),
    path("e/<slug:slug>/mine/news/", my_photos.my_news, name="my_news"),
    path("e/<slug:slug>/mine/why/", why_not.why_not, name="why_not"),
    path("e/<slug:slug>/mine/questions/", questions_views.all_questions, name="questions"),
    path("e/<slug:slug>/mine/questions/undo/", questions_views.take_back, name="take_answer_back"),
    path(
        "e/<slug:slug>/mine/questions/<int:photo_id>/",
        questions_views.answer_question,
        name="answer_question",
    ),
    path(
        "e/<slug:slug>/mine/questions/<int:face_id>.jpg",
        questions_views.question_face,
        name="question_face",
    ),
    path("e/<slug:slug>/mine/<int:photo_id>/", my_photos.my_photo, name="my_photo"),
    path("e/<slug:slug>/mine/download/", my_photos.download_mine, name="download_mine"),
    path("e/<slug:slug>/photos/<int:photo_id>/faces/", corrections.photo_faces, name="photo_faces"),
    path("e/<slug:slug>/photos/<int:photo_id>/verdict/", corrections.say, name="say_verdict"),
    path("e/<slug:slug>/together/", together_views.together, name="together"),
    path(
        "e/<slug:slug>/together/<int:consent_id>/",
        together_views.together_with,
        name="together_with",
    ),
    path(
        "e/<slug:slug>/together/<int:consent_id>/<int:photo_id>/",
        together_views.together_photo,
        name="together_photo",
    ),
    path(
        "e/<slug:slug>/together/<int:consent_id>/times/",
        together_views.together_times,
        name="together_times",
    ),
    path(
        "e/<slug:slug>/together/<int:consent_id>/download/",
        together_views.download_together,
        name="download_together",
    ),
    path("e/<slug:slug>/selfie/", selfie.selfie, name="selfie"),
    path("e/<slug:slug>/selfie/check/", selfie.check_selfie, name="check_selfie"),
    path("e/<slug:slug>/selfie/keep/", selfie.keep_selfie, name="keep_selfie"),
    path("e/<slug:slug>/selfie/reuse/", selfie.reuse_selfies, name="reuse_selfies"),
    path("e/<slug:slug>/selfie/consent/", selfie.answer_consent, name="answer_consent"),
    path("e/<slug:slug>/children/", children_views.children_page, name="children"),
    path("e/<slug:slug>/children/look/", children_views.look, name="look_as"),
    path(
        "e/<slug:slug>/children/<int:child_id>/here/",
        children_views.bring_child,
        name="bring_child",
    ),
    path("privacy/", privacy_views.my_privacy, name="privacy"),
    path("privacy/data.json", privacy_views.export, name="privacy_export"),
    path("privacy/withdraw/", privacy_views.withdraw, name="privacy_withdraw"),
    path("privacy/notices/", privacy_views.set_notices, name="set_notices"),
    path(
        "privacy/children/<int:child_id>/remove/",
        privacy_views.remove_child,
        name="remove_child",
    ),
    path("privacy/delete/", privacy_views.delete_account, name="delete_account"),
    path("privacy/selfie/<int:selfie_id>.jpg", privacy_views.own_selfie, name="own_selfie"),
    path(
        "privacy/selfie/<int:selfie_id>/remove/",
        privacy_views.remove_selfie,
        name="remove_selfie",
    ),
    path("notices/<str:token>/", notice_views.open_notice, name="open_notice"),
    path("notices/<str:token>/stop/", notice_views.stop_notices, name="stop_notices"),
]
