"""Corrections: who in a photo is the guest, said by the guest. Works as links and forms alone."""

from __future__ import annotations

import logging

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.access import member_required, person_of
from events.models import Event, User
from faces.finding import verdicts
from faces.guest import face_boxes
from faces.models import FaceMatch
from photos import audience
from photos.models import Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=verdicts.Verdict.choices, required=False)
    face = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@require_safe
@never_cache
@member_required
def photo_faces(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """The faces of a photo as places to tap, and what can be said: a part of a page."""
    photo = get_object_or_404(_within_reach(request, event), pk=photo_id)
    return _faces(request, event, photo)


@require_POST
@member_required
def say(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """Record what the guest says. Only with consent: a match is what the consent is about."""
    photo = get_object_or_404(_within_reach(request, event), pk=photo_id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        logger.info("verdict_refused code=bad_form photo=%s", photo.pk)
        messages.error(request, _("That did not work. Please tap your face once more."))
        return _asked_on(request, photo)
    verdict, face_id = form.cleaned_data["verdict"], form.cleaned_data["face"]
    if not verdicts.say(user=person_of(request), photo=photo, verdict=verdict, face_id=face_id):
        logger.info("verdict_refused code=no_consent photo=%s", photo.pk)
        messages.error(request, _("Please take a selfie first."))
        return redirect("selfie", slug=event.slug)
    if "fragment" in request.POST:
        return _faces(request, event, photo)
    messages.success(request, _thanks(verdict, person_of(request)))
    return _asked_on(request, photo)


def _within_reach(request: HttpRequest, event: Event) -> PhotoQuerySet:
    """Photos that the guest may see, and those that were theirs until they said otherwise, so that
    they can take it back."""
    viewer, person = audience.of(request, event), person_of(request)
    denied = FaceMatch.objects.of(person).in_event(event).denied().filter(band="sure")
    photos = Photo.objects.in_event(event)
    were_theirs = photos.shown_to(viewer).filter(pk__in=denied.values("photo")).values("pk")
    visible = photos.visible_to(viewer).values("pk")
    return photos.filter(Q(pk__in=visible) | Q(pk__in=were_theirs))


def _asked_on(request: HttpRequest, photo: Photo) -> HttpResponseBase:
    """The photo's page, where its question stands; where it is theirs no more, My Photos."""
    viewer = audience.of(request, photo.event)
    if not Photo.objects.filter(pk=photo.pk).visible_to(viewer).exists():
        return redirect("my_photos", slug=photo.event.slug)
    return redirect(f"{photo.get_absolute_url()}#face-question")


def _faces(request: HttpRequest, event: Event, photo: Photo) -> HttpResponse:
    faces = face_boxes.of_photo(person_of(request), event, photo, request.GET.get("face", ""))
    context = {"event": event, "photo": photo, "faces": faces, "is_fragment": True}
    return render(request, "faces/guest/_photo_faces.html", context)


def _thanks(verdict: str, person: User) -> str:
    of_child = {"name": person.name} if person.guardian_id else None
    match verdict:
        case verdicts.Verdict.ME if of_child:
            return _("Thank you: this photo is now among those of %(name)s.") % of_child
        case verdicts.Verdict.NOT_ME if of_child:
            return _("Thank you: this photo is no longer among those of %(name)s.") % of_child
        case verdicts.Verdict.ME:
            return _("Thank you: this photo is now among yours.")
        case verdicts.Verdict.NOT_ME:
            return _("Thank you: this photo is no longer among yours.")
        case _none:
            return _("Taken back.")
