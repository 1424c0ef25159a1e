"""The forms by which a guest sends a selfie and consents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from faces.privacy.consenting import Words
from findme.refusals import words_of
from findme.text import one_line


class ConsentForm(forms.Form):
    """A yes to the words that are on the page now: `words` is the hash of those that were on it."""

    consent = forms.BooleanField(
        label=_("Yes, look for my face in this event's photos."),
        error_messages={"required": _("Without your consent we do not look for your face.")},
    )
    words = forms.CharField(required=False, max_length=64)

    def __init__(self, *args: Any, words: Words | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = words

    def clean_words(self) -> str:
        sent = str(self.cleaned_data["words"])
        if self._words is not None and sent != self._words.text_hash:
            raise forms.ValidationError(words_of("consent_changed"), code="consent_changed")
        return sent


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

    def clean_name(self) -> str:
        if name := one_line(self.cleaned_data["name"]):
            return name
        raise forms.ValidationError(self.fields["name"].error_messages["required"])


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

    notices = forms.BooleanField(label=_("E-mail me about new photos"), required=False)

    def __init__(self, *args: Any, words: Words | None, **kwargs: Any) -> None:
        """Without words it needs no consent: that was given."""
        super().__init__(*args, words=words, **kwargs)
        if words is None:
            del self.fields["consent"]
        self.fields["image"].required = not self.data.get("picture")
        self.fields["image"].error_messages["required"] = words_of("no_file")
        self.fields["image"].widget.attrs.update({"accept": "image/*", "capture": "user"})
