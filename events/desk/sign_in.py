"""Signing in at the desk with a password. Wrong ones are counted, by network and by account."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from allauth.account.utils import perform_login
from django.contrib.auth import logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.views import LoginView
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.forms import AuthenticationForm

from events.access import holds_desk_role, may_open_desk
from events.entrance import proof, second_factor
from events.models import User
from findme import limits
from findme.refusals import words_of

logger = logging.getLogger(__name__)

LIMIT = "desk_password"
TOO_MANY = "too_many_passwords"


class DeskLoginForm(AuthenticationForm):  # type: ignore[misc]
    """With a password, for those who have one; the page offers a code by e-mail as well."""

    def clean(self) -> dict[str, Any]:
        """An address without an account is counted and answered as one that has one."""
        typed, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if not typed or not password:
            return dict(self.cleaned_data)
        account = User.objects.with_email(typed)
        key = f"account {account.pk}" if account else typed.strip().lower()
        if not limits.may(self.request, LIMIT, key=key):
            logger.warning("sign_in_refused user=%s code=too_many_passwords", _id(account))
            raise ValidationError(words_of(TOO_MANY), code=TOO_MANY)
        try:
            return dict(super().clean())
        except ValidationError:
            limits.consume(self.request, LIMIT, key=key)
            logger.info("sign_in_failed user=%s by=password", _id(account))
            raise

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not holds_desk_role(user):
            raise self.get_invalid_login_error()


class DeskSignIn(LoginView):
    """Django's, which goes on as allauth does, so that the second factor is asked here too."""

    template_name = "admin/login.html"
    authentication_form = DeskLoginForm
    next_page = "admin:index"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever may open the desk already goes on."""
        if may_open_desk(request.user):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the page that was asked for, to which a code by e-mail leads too."""
        return super().get_context_data(**kwargs) | {"next": self.get_success_url()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: User = form.get_user()
        _leave_other_session(self.request, user)
        second_factor.note_password(self.request, user)
        response: HttpResponse = perform_login(
            self.request, user, redirect_url=self.get_success_url()
        )
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        is_limited = form.has_error(NON_FIELD_ERRORS, TOO_MANY)
        status = HTTPStatus.TOO_MANY_REQUESTS if is_limited else HTTPStatus.OK
        return self.render_to_response(self.get_context_data(form=form), status=status)


def _leave_other_session(request: HttpRequest, user: User) -> None:
    """Whoever was signed in here no longer is: allauth asks nobody who is for a second factor.

    That the session was begun by this account stays known; see `events.entrance.proof`.
    """
    if request.user.is_authenticated:
        begun_by = request.session.get(proof.BEGUN_BY)
        logout(request)
        if begun_by == user.pk:
            request.session[proof.BEGUN_BY] = begun_by


def _id(account: User | None) -> str:
    return str(account.pk) if account else "-"
