"""The forms by which a guest sends a selfie and consents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from findme.refusals import words_of


class ConsentForm(forms.Form):
    consent = forms.BooleanField(
        label=_("Yes, look for my face in this event's photos."),
        error_messages={"required": _("Without your consent we do not look for your face.")},
    )


class SelfieForm(ConsentForm):
    image = forms.FileField(
        label=_("Your selfie"),
        allow_empty_file=True,  # the check's own sentence for an empty file is kinder
    )

    notices = forms.BooleanField(
        label=_("E-mail me when there are new photos of me."), required=False
    )

    def __init__(self, *args: Any, needs_consent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_consent:
            del self.fields["consent"]
        self.fields["image"].error_messages["required"] = words_of("no_file")
        self.fields["image"].widget.attrs.update({"accept": "image/*", "capture": "user"})
