"""The guest's selfie, and the consent it rests on."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.access import member_required, user_of
from events.models import Event
from faces import enrolling, erasing
from faces.errors import UnusableSelfie
from faces.forms import ConsentForm, SelfieForm
from faces.models import SELFIES_PER_GUEST, Consent, Selfie
from photos import media
from photos.store.faults import StoreUnavailable


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
            except (UnusableSelfie, StoreUnavailable) as refused:
                error = str(enrolling.MESSAGES[refused.code])
            else:
                return redirect("my_photos", slug=event.slug)
    return render(request, "faces/selfie.html", _page(request, event, form, error), status=status)


@require_POST
@member_required
def reuse_selfies(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Consent to be looked for here too, with the selfies given for another event."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        page = _page(request, event, SelfieForm(needs_consent=True), None)
        return render(request, "faces/selfie.html", page | {"reuse_form": form}, status=422)
    enrolling.give_consent(user=user_of(request), event=event, language=get_language() or "en")
    return redirect("my_photos", slug=event.slug)


@require_POST
@member_required
def withdraw(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Take the consent back, and with it everything that rested on it."""
    receipt = erasing.withdraw(user=user_of(request), event=event)
    removed = ngettext(
        "Your consent is withdrawn. Removed: your face’s template, and %(count)d match.",
        "Your consent is withdrawn. Removed: your face’s template, and %(count)d matches.",
        receipt["matches"],
    )
    messages.success(request, removed % {"count": receipt["matches"]})
    return redirect("selfie", slug=event.slug)


@require_POST
@member_required
def remove_selfie(request: HttpRequest, event: Event, selfie_id: int) -> HttpResponseBase:
    own = get_object_or_404(Selfie.objects.of(request.user), pk=selfie_id)
    erasing.remove_selfie(own)
    messages.success(request, _("Your selfie is removed."))
    return redirect("selfie", slug=event.slug)


@require_safe
@member_required
def selfie_image(request: HttpRequest, event: Event, selfie_id: int) -> HttpResponseBase:
    """A selfie, to its owner and nobody else."""
    own = get_object_or_404(Selfie.objects.of(request.user), pk=selfie_id)
    try:
        data = media.read_of(own, "selfie")
    except StoreUnavailable as error:
        return media.unavailable(error)
    if data is None:
        raise Http404
    # From the bucket too: no address of a selfie ever leaves the site.
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


def _take(request: HttpRequest, event: Event, form: SelfieForm) -> None:
    """Check the picture before the consent is recorded: a refused one leaves nothing behind."""
    user = user_of(request)
    enrolling.add_selfie(user=user, data=form.cleaned_data["image"].read())
    enrolling.give_consent(user=user, event=event, language=get_language() or "en")


def _page(
    request: HttpRequest, event: Event, form: SelfieForm, error: str | None
) -> dict[str, object]:
    consented = _consented(request, event)
    selfies = list(Selfie.objects.of(request.user))
    return {
        "event": event,
        "form": form,
        "selfies": selfies,
        "consented": consented,
        "can_reuse": not consented and any(s.state == Selfie.State.ACCEPTED for s in selfies),
        "error": error,
        "limit": SELFIES_PER_GUEST,
    }


def _consented(request: HttpRequest, event: Event) -> bool:
    return Consent.objects.of(request.user).in_event(event).in_force().exists()
