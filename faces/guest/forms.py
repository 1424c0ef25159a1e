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


class ChildForm(forms.Form):
    """A child to look for, by whoever may speak for it."""

    name = forms.CharField(
        label=_("The child’s first name"),
        max_length=60,
        error_messages={"required": _("Please give the child’s first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )
    guardian = forms.BooleanField(
        label=_("I am the parent or guardian of this child, who is under 16."),
        error_messages={"required": _("Only a parent or guardian may have a child looked for.")},
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
