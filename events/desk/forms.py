"""The forms of an event's desk."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from events import audit
from events.desk import merging, organizing, time_zones
from events.desk.retention import GRACE_DAYS
from events.models import (
    CHILDREN_DOMAIN,
    HIGHEST_THRESHOLD,
    LONGEST_KEPT_DAYS,
    LOWEST_THRESHOLD,
    Event,
    Membership,
)
from findme.text import as_typed, one_line

CONTROLLER_MISSING = {
    "controller_name": gettext_lazy("Please say who is responsible."),
    "controller_contact": gettext_lazy(
        "Please give an e-mail address or a phone number that guests may turn to."
    ),
}

# What each means for guests, and in law.
INDEXING_CONSEQUENCES = {
    Event.Indexing.EVERYONE: (
        gettext_lazy("Guests find their photos at once, however late they come."),
        gettext_lazy(
            "Patterns of people who never consented are biometric data too (GDPR art. 9, BIPA): you"
            " need a legal ground for them, such as the explicit consent of everybody in the"
            " photos."
        ),
    ),
    Event.Indexing.GUESTS_ONLY: (
        gettext_lazy(
            "For each new selfie all photos are looked at again: guests wait longer, a few photos"
            " fewer are found, and a paid recognition service costs more."
        ),
        gettext_lazy(
            "No pattern is stored but of guests who agreed: their consent is your legal ground. A"
            " face that such a guest is asked about is kept until the answer."
        ),
    ),
}


NAME_MISSING = gettext_lazy("Please give the event a name.")
SLUG_INVALID = gettext_lazy(
    "An address has letters without accents, digits and hyphens only, such as “anna-and-ben”."
)
GENERAL_FROM_MISSING = gettext_lazy("Please say from when on guests see all photos.")
# What guests see where they do not see all.
GENERAL_CONSEQUENCES = {
    Event.General.OPEN: gettext_lazy("General has everything that is published."),
    Event.General.FROM: gettext_lazy(
        "Until then each guest sees their own photos, and under General the highlights."
    ),
    Event.General.OWN: gettext_lazy(
        "Under General they see the photos that you mark as highlights. The slideshow shows these."
    ),
}


class ControlledEventForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody is responsible for each event: named here, or by the installation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].error_messages |= {"required": NAME_MISSING, "blank": NAME_MISSING}
        if "slug" in self.fields:
            self.fields["slug"].error_messages["invalid"] = SLUG_INVALID
        names = {"controller_name", "controller_contact"} & self.fields.keys()
        for name in names:
            self.fields[name].required = not has_default_controller()
            self.fields[name].error_messages["required"] = CONTROLLER_MISSING[name]
        if names:
            self.fields["controller_name"].help_text = _controller_help()
        if "indexing" in self.fields:
            field = self.fields["indexing"]
            field.choices = [  # type: ignore[attr-defined]
                (mode.value, _with_consequence(mode)) for mode in Event.Indexing
            ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        own = {name: data.get(name, "") for name in CONTROLLER_MISSING}
        if any(own.values()):
            for name in own:
                if not own[name] and name not in self.errors:
                    self.add_error(name, CONTROLLER_MISSING[name])
        return data


class NewEventForm(ControlledEventForm):
    """All that is needed to begin. The last day is the first one unless another is given; whose
    faces are kept has no answer that goes without saying."""

    class Meta:
        model = Event
        fields: ClassVar[list[str]] = []  # the admin's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].required = False
        self.fields["ends_on"].help_text = _("Empty: the same day.")
        self.initial.pop("indexing", None)
        self.fields["indexing"].initial = None
        self.fields["indexing"].error_messages["required"] = _(
            "Please choose one: it decides whose faces are kept."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["ends_on"] = data.get("ends_on") or data.get("starts_on")
        return data


class EventForm(ControlledEventForm):
    """An event's form. It carries what it shows, so that saving overwrites nobody's work.

    `kept`: what others have changed meanwhile, by field, and whoever saves now has not.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Event
        fields: ClassVar[list[str]] = []  # the admin's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: merging.Values = {}
        self.fields["seen"].initial = merging.seen(merging.values(self.instance, self.fields))
        if self.is_bound:
            merging.read_moments(self)
        if "time_zone" in self.fields:
            self.fields["time_zone"].widget = UnfoldAdminSelectWidget(
                choices=time_zones.choices(self.instance.time_zone)
            )
        if "match_threshold" in self.fields and self.instance.pk:
            field = self.fields["match_threshold"]
            field.help_text = _with_preview(self.instance)
        if "general" in self.fields:
            self.fields["general"].choices = [  # type: ignore[attr-defined]
                (mode.value, _explained(mode.label, GENERAL_CONSEQUENCES[mode]))
                for mode in Event.General
            ]
        if "faces_kept_days" in self.fields:
            self.fields["faces_kept_days"].help_text = _unclaimed_help(self.instance)

    def clean_faces_kept_days(self) -> int:
        days = int(self.cleaned_data["faces_kept_days"])
        if not 1 <= days <= LONGEST_KEPT_DAYS:
            raise forms.ValidationError(
                _("Please give a number of days from 1 to %(most)s.") % {"most": LONGEST_KEPT_DAYS},
                code="out_of_range",
            )
        return days

    def clean_match_threshold(self) -> float:
        threshold = float(self.cleaned_data["match_threshold"])
        if not LOWEST_THRESHOLD <= threshold <= HIGHEST_THRESHOLD:
            raise forms.ValidationError(
                _("Please give a number from 50 to 100."), code="out_of_range"
            )
        return threshold

    def clean_time_zone(self) -> str:
        """Refuse what the event itself would refuse when it has it: its page shows its times."""
        zone = str(self.cleaned_data["time_zone"])
        if zone and zone not in available_timezones():
            raise forms.ValidationError(_("This time zone is not known."), code="unknown")
        return zone

    def clean_delete_on(self) -> Any:
        """A new day leaves time for the warning; deleting at once has a page of its own."""
        day = self.cleaned_data["delete_on"]
        earliest = timezone.localdate(timezone=self.instance.zone) + timedelta(GRACE_DAYS)
        if day and day != self.instance.delete_on and day < earliest:
            raise forms.ValidationError(
                _("Choose a day at least a week ahead. To delete at once, use “Delete event”."),
                code="too_soon",
            )
        return day

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if Event.objects.filter(slug=slug).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                _("This address is taken. “%(free)s” is free.")
                % {"free": organizing.free_slug(slug)},
                code="taken",
            )
        return slug

    def clean(self) -> dict[str, Any]:
        """Take over what others saved since the page was opened; refuse where both changed the
        same, and show what was typed all the same.

        The row is held from here to the end of the admin's transaction, in which it is saved.
        """
        data = super().clean()
        now = Event.objects.select_for_update(no_key=True).filter(pk=self.instance.pk).first()
        if now is not None:
            names = [name for name in self.fields if name != "seen"]
            values = merging.values(now, names)
            merged = merging.merged(self["seen"].value() or "", data, values, refused=self.errors)
            self._take_over(merged, values, now.zone)
            data |= merged.theirs
        is_from = data.get("general") == Event.General.FROM
        if is_from and not data.get("general_from") and "general_from" not in self.errors:
            self.add_error("general_from", GENERAL_FROM_MISSING)
        return data

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in {"seen", *self.kept}]

    def _take_over(self, merged: merging.Merged, values: merging.Values, now: tzinfo) -> None:
        self.kept = merged.theirs
        zone = now if "time_zone" in merged.theirs else merging.shown_in(self)
        if merged.theirs or merged.both:
            self.data = merging.shown_again(self, merged, values, zone)
            merging.read_moments(self)
        with timezone.override(zone):
            for name in merged.both:
                self.add_error(name, _changed_meanwhile(self.instance, name, values[name]))


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Please give an e-mail address."),
            "invalid": gettext_lazy("This does not look like an e-mail address."),
        },
    )
    role = forms.ChoiceField(
        label=gettext_lazy("As"),
        choices=[
            (Membership.Role.HOST, Membership.Role.HOST.label),
            (Membership.Role.PHOTOGRAPHER, Membership.Role.PHOTOGRAPHER.label),
            (Membership.Role.ORGANIZER, Membership.Role.ORGANIZER.label),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        # A child's address is nobody's, and a child has no role.
        if email != one_line(email) or email.endswith(f"@{CHILDREN_DOMAIN}"):
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"])
        return email


class TypedNameForm(forms.Form):
    """Deleting an event asks for its name, letter by letter as keyboards have them."""

    name = forms.CharField(
        max_length=500,  # some systems send each accent as a sign of its own
        error_messages={"required": gettext_lazy("Type the event’s name to confirm.")},
    )

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data)
        self.event = event

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"])
        if as_typed(typed) != as_typed(self.event.name):
            raise forms.ValidationError(
                _("That is not the name of the event. Nothing was deleted."), code="wrong_name"
            )
        return typed


def _with_preview(event: Event) -> str:
    help_text = _(
        "How alike a face must be to count as the guest, from 50 to 100. Higher: fewer photos of"
        " strangers. Lower: fewer missed photos."
    )
    address = reverse("admin:events_event_threshold", args=[event.pk])
    link = _("See what another one would find")
    return format_html('{} <a class="desk-text-link" href="{}">{}</a>', help_text, address, link)


def _with_consequence(mode: Event.Indexing) -> str:
    return _explained(mode.label, *INDEXING_CONSEQUENCES[mode])


def _explained(label: str | Promise, *sentences: str | Promise) -> str:
    """A choice with what it means below."""
    below = format_html_join("", "<span>{}</span>", ((text,) for text in sentences))
    return format_html(
        '<span class="desk-choice"><strong>{}</strong>{}</span>', capfirst(str(label)), below
    )


def has_default_controller() -> bool:
    """Whether the installation says who is responsible where an event does not."""
    return bool(settings.CONTROLLER_NAME and settings.CONTROLLER_CONTACT)


def _controller_help() -> str:
    shown = _("Who answers for the photos and faces. Guests read it where they agree.")
    if not has_default_controller():
        return shown
    default = _("Empty: %(name)s, %(contact)s.") % {
        "name": settings.CONTROLLER_NAME,
        "contact": settings.CONTROLLER_CONTACT,
    }
    return f"{shown} {default}"


def _unclaimed_help(event: Event) -> str:
    return _(
        "Days after the last day until the patterns of faces go that are no guest’s: on %(day)s."
        " Who gives a selfie later is not found in the photos from before."
    ) % {"day": date_format(event.unclaimed_go_on)}


def _changed_meanwhile(event: Event, name: str, now: object) -> str:
    """Who was faster, as far as the log knows, and what it is now."""
    message = _("%(who)s changed this while your page was open. It is now: %(now)s.")
    words = {"who": audit.changed_last(event, name), "now": audit.in_words(name, now)}
    return message % words + " " + _("To have yours, save again.")
