"""Where and who belongs there: events, memberships."""

from collections.abc import Collection
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.account_models import CHILDREN_DOMAIN, Exclusion, SignIn, User
from events.codes import new_join_code, new_live_code, normalize_join_code
from events.querysets import EventQuerySet, MembershipQuerySet
from findme.formats import periods
from findme.text import lines, one_line

# Django finds an app's models in this module, wherever they are defined.
__all__ = ["CHILDREN_DOMAIN", "Event", "Exclusion", "Membership", "SignIn", "User"]

# Below, most pairs are of strangers: everybody would find everybody's photos.
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 50.0, 100.0
# Some laws allow three years at most (BIPA, section 15): a good deal less.
LONGEST_KEPT_DAYS = 730
# No digital photo is older.
EARLIEST_YEAR, YEARS_AHEAD = 1990, 10


class Controller(NamedTuple):
    """Who is responsible for the photos and faces of an event, and how guests reach them."""

    name: str
    contact: str


def likely_days() -> tuple[date, date]:
    """The first and the last: any date outside of them can only be a slip of the finger."""
    return date(EARLIEST_YEAR, 1, 1), date(timezone.localdate().year + YEARS_AHEAD, 12, 31)


def wrong_year(day: date) -> str | None:
    """What to say of a date that is not likely."""
    first, last = likely_days()
    if first.year <= day.year <= last.year:
        return None
    words = gettext("Please give a year from %(first)s to %(last)s.")
    return words % {"first": first.year, "last": last.year}


class Event(models.Model):
    """One wedding, race or conference, with its photos and its guests."""

    class Indexing(models.TextChoices):
        EVERYONE = "everyone", _("every face in the photos")
        GUESTS_ONLY = "guests_only", _("only guests who asked for it")

    class Downloads(models.TextChoices):
        NONE = "none", _("not allowed")
        WEB = "web", _("in web size")
        ORIGINAL = "original", _("as originals")

    class General(models.TextChoices):
        """Who sees all photos. Hosts and the desk always do."""

        OPEN = "open", _("all photos")
        FROM = "from", _("all photos from a moment on")
        OWN = "own", _("only their own photos, and highlights")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("address"),
        max_length=60,
        unique=True,
        help_text=_("Part of the event’s links. Posters printed before a change stop working."),
    )
    join_code = models.CharField(_("join code"), max_length=16, unique=True, default=new_join_code)
    join_until = models.DateTimeField(
        _("joining ends"),
        null=True,
        blank=True,
        help_text=_("Empty: as long as the event is open."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        help_text=_(
            "Where the cameras' clocks were set, for example Europe/Paris. Empty: the site's."
        ),
    )
    welcome = models.TextField(_("welcome text"), blank=True, max_length=1000)
    match_threshold = models.FloatField(
        _("match threshold"),
        default=85,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_(
            "How alike a face must be to count as the guest, from 0 to 100. Higher: fewer photos"
            " of strangers. Lower: fewer missed photos."
        ),
    )
    indexing = models.CharField(
        _("faces looked for"), max_length=16, choices=Indexing, default=Indexing.EVERYONE
    )
    downloads = models.CharField(
        _("downloads"), max_length=16, choices=Downloads, default=Downloads.WEB
    )
    general = models.CharField(
        _("guests see"), max_length=16, choices=General, default=General.OPEN
    )
    general_from = models.DateTimeField(_("all photos from"), null=True, blank=True)
    publish_first = models.BooleanField(
        _("photos wait until you publish them"),
        default=False,
        help_text=_("Until then only hosts and organizers see them."),
    )
    proof_first = models.BooleanField(
        _("guests prove their address first"),
        default=False,
        help_text=_(
            "FindMe looks for a guest only after they typed a code from their mailbox. It keeps"
            " people from looking for somebody else, and costs each guest a minute."
        ),
    )
    hide_on_request = models.BooleanField(
        _("hide photos on request"),
        default=True,
        help_text=_(
            "A photo that somebody does not want shown is hidden at once, until you decide."
            " Otherwise it stays visible until then."
        ),
    )
    # Who is responsible for the photos and faces, as the law asks; empty: the installation's.
    controller_name = models.CharField(_("responsible"), max_length=120, blank=True)
    controller_contact = models.CharField(
        _("contact"),
        max_length=200,
        blank=True,
        help_text=_("An e-mail address or a phone number that guests may turn to."),
    )
    faces_kept_days = models.PositiveSmallIntegerField(
        _("unclaimed faces kept"),
        default=30,
        validators=[MaxValueValidator(LONGEST_KEPT_DAYS)],
        help_text=_(
            "So many days after the last day, the patterns of faces that are no guest’s go."
        ),
    )
    delete_on = models.DateField(
        _("kept until"),
        null=True,
        blank=True,
        help_text=_(
            "On this day the event is deleted with its photos and faces. Organizers get an e-mail"
            " a month before. Empty: kept until somebody deletes it."
        ),
    )
    deletion_warned_at = models.DateTimeField(null=True, editable=False)
    # When its guests were told that the photos are ready: once.
    ready_told_at = models.DateTimeField(null=True, editable=False)
    # Since when it is in the bin: nobody finds it, and organizers may take it out again.
    binned_at = models.DateTimeField(null=True, editable=False)
    # From here on nobody finds the event any more, and a job removes what belongs to it.
    deletion_started_at = models.DateTimeField(null=True, editable=False)
    live_code = models.CharField(max_length=43, unique=True, default=new_live_code, editable=False)
    slideshow_qr = models.BooleanField(
        _("QR code on the slideshow"),
        default=True,
        help_text=_("Who sees the screen can join: with the link that the poster has."),
    )
    veiled_cover = models.BooleanField(
        _("veil the cover on the invitation"),
        default=True,
        help_text=_(
            "Who has not joined yet, and the preview of a shared link, get the cover so soft that"
            " nobody on it can be recognized."
        ),
    )
    guest_uploads = models.BooleanField(
        _("guests may add photos"), default=False, help_text=_("From their phones, on their pages.")
    )
    guest_upload_quota = models.PositiveSmallIntegerField(
        _("photos per guest"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("How many photos one guest may add."),
    )
    guest_upload_moderation = models.BooleanField(
        _("look at them first"),
        default=True,
        help_text=_("Other guests see a guest’s photo only after you approved it."),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="events"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__lte=models.F("ends_on")),
                name="event_starts_before_it_ends",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(
                condition=models.Q(match_threshold__gte=0, match_threshold__lte=100),
                name="event_threshold_within_0_100",
            ),
            models.CheckConstraint(
                condition=~models.Q(general="from") | models.Q(general_from__isnull=False),
                name="event_general_from_a_moment",
                violation_error_message=_("Please say from when on guests see all photos."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("general", args=[self.slug])

    def get_join_url(self) -> str:
        return reverse("join", args=[self.slug, self.join_code])

    def get_live_url(self) -> str:
        """The slideshow, for whoever has the link: a screen at the venue has no account."""
        return reverse("live", args=[self.slug, self.live_code])

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """With texts of one line, so that a name of nothing that is seen counts as none."""
        for field in ("name", "controller_name", "controller_contact"):
            setattr(self, field, one_line(getattr(self, field)))
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        self.join_code, self.slug = normalize_join_code(self.join_code), self.slug.lower()
        self.welcome = lines(self.welcome)
        if self.time_zone and self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": _("This time zone is not known.")})
        if errors := self._wrong_dates():
            raise ValidationError(errors)

    def _wrong_dates(self) -> dict[str, str | Promise]:
        """By field, what to say of it."""
        names = ("starts_on", "ends_on", "join_until", "general_from", "delete_on")
        dates = {name: getattr(self, name) for name in names}
        found = {name: wrong_year(day) for name, day in dates.items() if day}
        errors: dict[str, str | Promise] = {name: said for name, said in found.items() if said}
        if not errors and self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            errors["ends_on"] = _("The last day is before the first day.")
        return errors

    @property
    def zone(self) -> tzinfo:
        """Where the event takes place, for reading cameras' clocks and for showing times."""
        return ZoneInfo(self.time_zone) if self.time_zone else timezone.get_default_timezone()

    @property
    def period(self) -> str:
        """The event's days, for a page of its own."""
        return periods.in_full(self.starts_on, self.ends_on)

    @property
    def short_period(self) -> str:
        """The event's days, where those of others stand beside them."""
        return periods.short(self.starts_on, self.ends_on)

    @property
    def controller(self) -> Controller:
        """The event's own, or the installation's: never a name of one with the other's contact."""
        if self.controller_name:
            return Controller(self.controller_name, self.controller_contact)
        return Controller(settings.CONTROLLER_NAME, settings.CONTROLLER_CONTACT)

    @property
    def unclaimed_go_on(self) -> date:
        """On this day, in the event's zone, the templates of faces go that are no guest's."""
        return self.ends_on + timedelta(days=self.faces_kept_days)

    @property
    def has_lost_unclaimed(self) -> bool:
        """Whether a guest who comes now is not looked for in the photos from before. Where only
        guests are looked for, all photos are looked at again for them."""
        is_past = timezone.localdate(timezone=self.zone) >= self.unclaimed_go_on
        return is_past and self.indexing == self.Indexing.EVERYONE

    @property
    def will_be_deleted(self) -> bool:
        """Whether the warning of the coming deletion was given."""
        return self.deletion_warned_at is not None

    def is_open(self, at: datetime) -> bool:
        return self.closed_at is None or at < self.closed_at

    def is_general_open(self, at: datetime) -> bool:
        """Whether every guest sees all photos that are published."""
        if self.general == self.General.FROM:
            return self.general_from is not None and self.general_from <= at
        return self.general == self.General.OPEN

    def can_be_joined(self, at: datetime) -> bool:
        return self.is_open(at) and (self.join_until is None or at < self.join_until)


class Membership(models.Model):
    """That a user belongs to an event, and as what."""

    class Role(models.TextChoices):
        GUEST = "guest", _("guest")
        # Sees all photos as a guest would, published or not: the couple, the client.
        HOST = "host", _("host")
        PHOTOGRAPHER = "photographer", _("photographer")
        ORGANIZER = "organizer", _("organizer")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.GUEST)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # A role that was given to an address counts only in sessions that proved it later. None: nobody
    # was invited, as where somebody made the event.
    invited_at = models.DateTimeField(null=True, editable=False)
    # Of an organizer: whether FindMe writes when guests' photos wait, and when it did.
    approval_mails = models.BooleanField(default=True)
    approval_mailed_at = models.DateTimeField(null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="membership_once_per_event"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.event_id}: {self.role}"
