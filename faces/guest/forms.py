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
    # The picture of an answer that asked which face it is (`faces.guest.which_face`).
    picture = forms.CharField(required=False)
    # Which face it is: a box, as our answers write them.
    face = forms.CharField(required=False, max_length=80)
    # What the check of this picture refused it for, a code: that is counted once.
    checked = forms.CharField(required=False, max_length=40)

    notices = forms.BooleanField(
        label=_("E-mail me when there are new photos of me."), required=False
    )

    def __init__(self, *args: Any, needs_consent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_consent:
            del self.fields["consent"]
        self.fields["image"].required = not self.data.get("picture")
        self.fields["image"].error_messages["required"] = words_of("no_file")
        self.fields["image"].widget.attrs.update({"accept": "image/*", "capture": "user"})
