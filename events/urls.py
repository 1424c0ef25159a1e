"""Addresses of this room: home, joining, accounts, installing. The desk's are the admin's."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from django.urls import path, register_converter
from django.views.generic import RedirectView

from events import installing, language
from events.codes import UntidyCode
from events.entrance import accounts, leaving, passkeys, proving, session_views, views
from events.entrance.second_factor import page

register_converter(UntidyCode, "untidy")

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("join/", views.enter_code, name="enter_code"),
    path("e/<slug:slug>/join/<str:code>/", views.join, name="join"),
    path("e/<slug:slug>/join/<untidy:code>", views.untidy_link, name="untidy_link"),
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
    path("account/logout/", leaving.sign_out, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    # The second factor, of who opens a desk.
    path("account/security/", page(factors.index, fresh=False), name="mfa_index"),
    path(
        "account/security/sign-in/",
        proving.also_signed_in(factors.authenticate),
        name="mfa_authenticate",
    ),
    path(
        "account/security/show/",
        page(factors.reauthenticate, fresh=False),
        name="mfa_reauthenticate",
    ),
    path(
        "account/security/show/passkey/",
        page(passkeys.ShowView.as_view(), fresh=False),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/security/app/", page(app.activate_totp), name="mfa_activate_totp"),
    path("account/security/app/off/", page(app.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "account/security/codes/", page(codes.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "account/security/codes/new/",
        page(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/security/codes/codes.txt",
        page(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    # allauth comes back to its list of passkeys, which stands on the first page.
    path(
        "account/security/passkeys/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_list_webauthn",
    ),
    path("account/security/passkeys/add/", page(keys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "account/security/passkeys/<int:pk>/",
        page(keys.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/security/passkeys/<int:pk>/remove/",
        page(keys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]
