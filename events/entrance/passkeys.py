"""Forms in which a browser sends what a passkey answered: JSON from outside, so it is bounded, and
may have any shape."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from allauth.mfa.webauthn import views as allauth_views
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from events.entrance.second_factor import Adapter

LONGEST = 20_000  # characters; a key with its certificates takes some 5,000
LONGEST_NAME = 60
# What fido2 raises over an answer that is none; allauth catches a part of it.
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, struct.error)


class AnswerField(forms.JSONField):
    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST:
            raise _wrong()
        try:
            return super().to_python(value)
        except RecursionError:
            raise _wrong() from None


def _wrong() -> ValidationError:
    return ValidationError(Adapter.error_messages["incorrect_code"], code="incorrect_code")


@contextmanager
def _any_shape() -> Iterator[None]:
    try:
        yield
    except MALFORMED:
        raise _wrong() from None


class AddForm(allauth_forms.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        label=_("Its name, for you to tell it from others"), required=False, max_length=LONGEST_NAME
    )
    credential = AnswerField()

    def clean(self) -> dict[str, Any]:
        with _any_shape():
            return dict(super().clean())


class EditForm(allauth_forms.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)


class AuthenticateForm(allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = AnswerField()

    def clean_credential(self) -> Authenticator:
        with _any_shape():
            return super().clean_credential()


class ShowForm(AuthenticateForm):
    reauthenticated = True


class ShowView(allauth_views.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """allauth's, which leads away from the page where the answer was not right."""

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return response
