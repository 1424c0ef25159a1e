"""Addresses of this room: home, joining, accounts, installing. The desk's are the admin's."""

from allauth.account import views as account
from django.urls import path
from django.views.generic import RedirectView

from events import installing, language
from events.entrance import accounts, proving, session_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("join/", views.enter_code, name="enter_code"),
    path("e/<slug:slug>/join/<str:code>/", views.join, name="join"),
    path("language/setlang/", language.set_language, name="set_language"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service_worker"),
    path("offline/", installing.offline, name="offline"),
    # Only those of allauth's pages that guests need: a code by e-mail, and log-out.
    path("account/login/", accounts.request_login_code, name="account_login"),
    path("account/login/code/", accounts.request_login_code, name="account_request_login_code"),
    path("account/login/confirm/", accounts.confirm_login_code, name="account_confirm_login_code"),
    # What allauth's mail to an unknown address links to: the way in is an event's code.
    path("account/signup/", RedirectView.as_view(pattern_name="enter_code"), name="account_signup"),
    path("account/prove/", proving.prove, name="prove"),
    path("account/sessions/end/", session_views.end_all, name="end_sessions"),
    path("account/sessions/<int:sign_in_id>/end/", session_views.end, name="end_session"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
]
