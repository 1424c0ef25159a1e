"""Which photos an organizer wants back: asked by a form, said again in each link it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.models import Event, User
from photos.export import originals
from photos.models import Favourite, Section
from photos.querysets import PhotoQuerySet

_SALT = "photos.export"
# Bytes of a part. Programs and file systems of any age take the largest (`originals.MOST_BYTES`).
SIZES = {"500mb": 500_000_000, "2gb": 2_000_000_000, "4gb": originals.MOST_BYTES}
# Of the part of a link that names photos, in signs: proxies refuse links of 8 kB. Three thousand
# photos fit, and many more that came in one after the other.
LONGEST_SELECTION = 6_000
_ONE_OF_THESE = _("Please choose one of these.")
WRONG_CHOICE = {"invalid_choice": _ONE_OF_THESE, "required": _ONE_OF_THESE}


def selection_of(photo_ids: Sequence[int]) -> str:
    """Some photos as a word for a link: neighbours take a byte or two each."""
    steps = [after - before for before, after in pairwise([0, *sorted(photo_ids)])]
    return signing.dumps(steps, salt=_SALT, compress=True)


def ids_of(selection: str) -> list[int]:
    """Raises `signing.BadSignature` of what is none of our words."""
    return list(accumulate(signing.loads(selection, salt=_SALT)))


class ExportForm(forms.Form):
    """What is exported, and how. Sent by GET, so that the page can be opened again."""

    photos = forms.ChoiceField(
        label=_("Which photos"), widget=forms.RadioSelect, error_messages=WRONG_CHOICE
    )
    hidden = forms.BooleanField(
        label=_("With photos that guests do not see: hidden, or not published"),
        required=False,
        initial=True,
    )
    size = forms.ChoiceField(
        label=_("In which form"),
        choices=[
            ("500mb", _("ZIP archives of 500 MB at most")),
            ("2gb", _("ZIP archives of 2 GB at most")),
            ("4gb", _("ZIP archives of 4 GB at most")),
            ("files", _("Single files, one by one")),
        ],
        initial="2gb",
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    selection = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, event: Event, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.user = user
        self.chosen = self._chosen()
        cast(forms.ChoiceField, self.fields["photos"]).choices = self._choices()
        self.initial.setdefault("photos", "selection" if self.chosen else "all")

    def clean_selection(self) -> str:
        """A link that was cut off must not export anything else than it says."""
        if self.data.get("photos") == "selection" and not self.chosen:
            raise ValidationError(
                _("The link to these photos is not whole. Please choose them again."),
                code="bad_selection",
            )
        return str(self.cleaned_data["selection"])

    def originals(self) -> list[originals.Original]:
        """Of a valid form."""
        return originals.of(self.event, self._photos(), in_folders=self.most_bytes is not None)

    @property
    def most_bytes(self) -> int | None:
        """Of a part; None: single files are wanted."""
        return SIZES.get(self.cleaned_data["size"])

    def _photos(self) -> PhotoQuerySet:
        which = str(self.cleaned_data["photos"])
        photos = originals.exportable(self.event, unseen=self.cleaned_data["hidden"])
        if which == "selection":
            return photos.filter(pk__in=self.chosen)
        if which == "highlights":
            return photos.filter(highlight=True)
        if which == "hosts":
            return favourites_of_hosts(self.event, photos)
        if which == "favourites":
            return favourites_of(self.user, photos)
        if which.startswith("section-"):
            return photos.filter(section=int(which.removeprefix("section-")))
        return photos

    def _chosen(self) -> list[int]:
        try:
            return ids_of(str(self.data.get("selection") or self.initial.get("selection", "")))
        except (signing.BadSignature, TypeError):
            return []

    def _choices(self) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = [("all", _("All photos"))]
        if self.chosen:
            count = len(self.chosen)
            label = ngettext(
                "The photo that you selected", "The %(number)s photos that you selected", count
            )
            found.insert(0, ("selection", label % {"number": _grouped(count)}))
        sections = Section.objects.filter(event=self.event)
        found += [(f"section-{one.pk}", _("“%(name)s”") % {"name": one.name}) for one in sections]
        photos = originals.exportable(self.event, unseen=True)
        highlights = photos.filter(highlight=True).count()
        of_hosts = favourites_of_hosts(self.event, photos).count()
        return [
            *found,
            ("highlights", _("Highlights (%(number)s)") % {"number": _grouped(highlights)}),
            ("hosts", _("Favourites of the hosts (%(number)s)") % {"number": _grouped(of_hosts)}),
            ("favourites", _("Your own favourites")),
        ]


def _grouped(count: int) -> str:
    return str(number_format(count, force_grouping=True))


def favourites_of(user: User, photos: PhotoQuerySet) -> PhotoQuerySet:
    """A favourite is its guest's own affair: pages offer nobody those of another guest, and of
    hosts those of all together."""
    return photos.filter(pk__in=Favourite.objects.of(user).values("photo"))


def favourites_of_hosts(event: Event, photos: PhotoQuerySet) -> PhotoQuerySet:
    return photos.filter(pk__in=Favourite.objects.of_hosts(event).values("photo"))
