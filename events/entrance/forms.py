"""What a person types to get into an event."""

from django import forms
from django.utils.translation import gettext_lazy as _

from events.codes import join_code_in
from events.models import CHILDREN_DOMAIN
from findme.text import one_line


class JoinCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Join code"),
        max_length=500,  # a message with a link in it
        error_messages={"required": _("Please type the code of your invitation.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "ABCD 2345",
            }
        ),
    )

    def clean_code(self) -> str:
        return join_code_in(self.cleaned_data["code"])


class GuestForm(forms.Form):
    """A new guest. A known address is no error here: it leads to a code by e-mail."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        error_messages={"required": _("Please tell us your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        error_messages={
            "required": _("Please give your e-mail address."),
            "invalid": _("This does not look like an e-mail address."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def clean_name(self) -> str:
        if name := one_line(self.cleaned_data["name"]):
            return name
        raise forms.ValidationError(self.fields["name"].error_messages["required"])

    def clean_email(self) -> str:
        """Quoted, an address may hold control characters, which no mailbox has; and those of
        children are none."""
        email = str(self.cleaned_data["email"]).lower()
        if email != one_line(email) or email.endswith(f"@{CHILDREN_DOMAIN}"):
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"])
        return email
