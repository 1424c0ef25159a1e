"""The guest's selfie, and the consent it rests on."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.access import member_required, person_of
from events.entrance import in_app
from events.models import Event
from faces.errors import UnusableSelfie
from faces.finding import enrolling
from faces.guest import which_face
from faces.guest.forms import ConsentForm, SelfieForm
from faces.index.indexes import indexes_of
from faces.models import SELFIES_PER_GUEST, Consent, Selfie, SelfieRefusal
from faces.notices import mailing
from faces.vision.selfie_check import SeveralFaces
from findme.bodies import takes_files
from findme.http import refusal_response
from findme.language import current_language
from findme.refusals import Later, code_and_reason, words_of
from photos.store.faults import StoreUnavailable


def _most_bytes() -> int:
    """A file, or the picture that comes back as text with the answer which face it is."""
    return int(settings.SELFIE_MAX_BYTES) + int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


takes_selfie = takes_files(_most_bytes, code="too_large")


@takes_selfie
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def selfie(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Give consent and a selfie, or look after those that are there."""
    form = SelfieForm(
        request.POST or None, request.FILES or None, needs_consent=not _consented(request, event)
    )
    error, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _take(request, event, form)
            except SeveralFaces as several:
                return _ask_which(request, event, form, several)
            except (UnusableSelfie, StoreUnavailable, Later) as refused:
                if isinstance(refused, UnusableSelfie):
                    _count(event, refused, form)
                error, status = refused.words, getattr(refused, "status", status)
            else:
                return redirect("my_photos", slug=event.slug)
    return render(
        request, "faces/guest/selfie.html", _page(request, event, form, error), status=status
    )


@takes_selfie
@require_POST
@never_cache
@member_required
def check_selfie(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Whether a picture will do, before it is sent: finds a face, and neither keeps nor
    recognizes it, so no consent is needed yet. Of several faces it asks which one it is."""
    form = SelfieForm(request.POST, request.FILES, needs_consent=False)
    if not form.is_valid():
        return refusal_response("empty", status=200)
    try:
        seen = enrolling.check(_data(form))
    except SeveralFaces as several:
        return JsonResponse(code_and_reason(several.code) | which_face.for_scripts(several))
    except UnusableSelfie as refused:
        SelfieRefusal.objects.count_one(event, refused.code)
        return refusal_response(refused.code, status=200)
    if seen.advice:
        words = f"{_('This one will do.')} {words_of(seen.advice)}"
        return JsonResponse({"code": "", "advice": words})
    return JsonResponse({"code": "", "praise": _("That is a good one.")})


@require_POST
@member_required
def reuse_selfies(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Consent to be looked for here too, with the selfies given for another event."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        page = _page(request, event, SelfieForm(needs_consent=True), None)
        return render(request, "faces/guest/selfie.html", page | {"reuse_form": form}, status=422)
    enrolling.give_consent(user=person_of(request), event=event, language=current_language())
    return redirect("my_photos", slug=event.slug)


@require_POST
@member_required
def keep_selfie(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Stay with the selfie that there is: no other one is asked for."""
    Selfie.objects.of(person_of(request)).accepted().update(advice=Selfie.DECLINED)
    return redirect("my_photos", slug=event.slug)


def _ask_which(
    request: HttpRequest, event: Event, form: SelfieForm, several: SeveralFaces
) -> HttpResponseBase:
    """Nothing is kept yet; what the guest said comes back with the answer."""
    page = {"event": event, "form": form, **which_face.for_page(several)}
    return render(request, "faces/guest/which_face.html", page)


def _take(request: HttpRequest, event: Event, form: SelfieForm) -> None:
    """Check the picture before the consent is recorded: a refused one leaves nothing behind."""
    user = person_of(request)

    def agree() -> None:
        enrolling.give_consent(user=user, event=event, language=current_language())
        if form.cleaned_data["notices"]:
            mailing.ask(user=user, event=event)

    box = which_face.box_of(form.cleaned_data["face"])
    enrolling.add_selfie(user=user, data=_data(form), box=box, along=agree)


def _data(form: SelfieForm) -> bytes:
    """The picture, sent as a file or come back with an answer. Raises `UnusableSelfie`."""
    image = form.cleaned_data["image"]
    return image.read() if image else which_face.picture_of(form.cleaned_data["picture"])


def _count(event: Event, refused: UnusableSelfie, form: SelfieForm) -> None:
    """For the organizer's figures; not again what the check has counted of the same picture."""
    if refused.code != form.cleaned_data["checked"]:
        SelfieRefusal.objects.count_one(event, refused.code)


def _page(
    request: HttpRequest, event: Event, form: SelfieForm, error: str | None
) -> dict[str, object]:
    consented = _consented(request, event)
    selfies = list(Selfie.objects.of(person_of(request)))
    return {
        "event": event,
        "form": form,
        "selfies": selfies,
        "consented": consented,
        "can_reuse": not consented and any(s.state == Selfie.State.ACCEPTED for s in selfies),
        "error": error,
        "limit": SELFIES_PER_GUEST,
        "services": [index.service for index in indexes_of(event) if index.service],
        "wants_notices": mailing.wanted(user=person_of(request), event=event),
        **in_app.hint(request, event.get_join_url()),
    }


def _consented(request: HttpRequest, event: Event) -> bool:
    return Consent.objects.of(person_of(request)).in_event(event).in_force().exists()
