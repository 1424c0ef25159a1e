"""Together: the setting, the guests who share, and the photos with one of them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.access import member_required, user_of
from events.models import Event
from faces.guest import together as sharing
from faces.guest.together import Partner
from faces.models import Consent
from photos import audience
from photos.delivery import addresses
from photos.delivery.download_views import all_photos
from photos.gallery.pages import Gallery, gallery_page, times_page
from photos.gallery.views import photo_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def together(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Turn sharing on and off; who else shares."""
    user = user_of(request)
    if request.method == "POST":
        shares = request.POST.get("share") == "1"
        if not sharing.set_sharing(user=user, event=event, shares=shares):
            messages.error(request, _("Please take a selfie first."))
            return redirect("selfie", slug=event.slug)
        said = _("You share the photos you are in.") if shares else _("You no longer share.")
        messages.success(request, said)
        return redirect("together", slug=event.slug)
    partners = sharing.partners(user, event)
    counts = sharing.counts(user, partners, event, audience.of(request, event))
    context = {
        "event": event,
        "may_share": Consent.objects.of(user).in_event(event).in_force().exists(),
        "has_name": bool(user.name),
        "shares": sharing.is_sharing(user, event),
        "partners": [(one, counts.get(one.user_id, 0)) for one in partners],
    }
    return render(request, "faces/guest/together.html", context)


@require_safe
@never_cache
@member_required
def together_with(request: HttpRequest, event: Event, consent_id: int) -> HttpResponseBase:
    """The photos that the guest and another are in; 404 unless both share, now."""
    partner = _partner(request, event, consent_id)
    gallery = _gallery(request, event, partner)
    return gallery_page(request, gallery, "faces/guest/together_with.html", partner=partner)


@require_safe
@never_cache
@member_required
def together_photo(
    request: HttpRequest, event: Event, consent_id: int, photo_id: int
) -> HttpResponseBase:
    """One of these photos, large, with its neighbours among them. Where they are not shared, or no
    longer, it is still a photo of the event."""
    try:
        gallery = _gallery(request, event, _partner(request, event, consent_id))
        return photo_page(request, gallery, photo_id, tab="together", name=_("Together"))
    except Http404:
        return redirect("photo", slug=event.slug, photo_id=photo_id)


@require_safe
@never_cache
@member_required
def together_times(request: HttpRequest, event: Event, consent_id: int) -> HttpResponseBase:
    """The hours of these photos; 404 as for them."""
    gallery = _gallery(request, event, _partner(request, event, consent_id))
    return times_page(request, gallery, tab="together")


@require_POST
@member_required
def download_together(request: HttpRequest, event: Event, consent_id: int) -> HttpResponseBase:
    partner = _partner(request, event, consent_id)
    photos = sharing.photos_of(user_of(request), partner, event, audience.of(request, event))
    return all_photos(request, event, photos, name=f"{event.slug}-together")


def _gallery(request: HttpRequest, event: Event, partner: Partner) -> Gallery:
    names = ("together_with", "together_times")
    here, times = (reverse(name, args=[event.slug, partner.consent_id]) for name in names)
    photo = addresses.pattern("together_photo", event.slug, partner.consent_id)
    photos = sharing.photos_of(user_of(request), partner, event, audience.of(request, event))
    return Gallery(event, photos, here, times, photo)


def _partner(request: HttpRequest, event: Event, consent_id: int) -> Partner:
    partner = sharing.partner(user_of(request), event, consent_id)
    if partner is None:
        raise Http404
    return partner
