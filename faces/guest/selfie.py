"""The guest's selfie, and the consent it rests on."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.access import counted_as, member_required, person_of, user_of
from events.entrance import in_app
from events.models import Event
from faces.errors import ProofNeeded, UnusableSelfie
from faces.finding import enrolling, one_person
from faces.guest import proof_gate, reveal, which_face
from faces.guest.forms import ConsentForm, SelfieForm
from faces.models import SELFIES_PER_GUEST, Consent, Selfie, SelfieRefusal
from faces.notices import mailing
from faces.privacy import consenting, withdrawal
from faces.privacy.consenting import Words
from faces.privacy.views import say_removed
from faces.vision.selfie_check import SeveralFaces
from findme import limits
from findme.http import refusal_response, wants_json
from findme.refusals import Later, Refusal, code_and_reason, words_of
from findme.serving.bodies import takes_files
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)


def _most_bytes() -> int:
    """A file, or the picture that comes back as text with the answer which face it is."""
    return int(settings.SELFIE_MAX_BYTES) + int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


takes_selfie = takes_files(_most_bytes, code="too_large")


@takes_selfie
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
@proof_gate.page
def selfie(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Give consent and a selfie, or look after those that are there."""
    words = _words_to_agree_to(request, event)
    form = SelfieForm(request.POST or None, request.FILES or None, words=words)
    refused: Refusal | None = None
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            _demand_rate(request)
            if form.is_valid():
                _take(request, event, form, words)
                limits.consume(request, "selfie_change", key=_key(request))
                return _taken(request, event)
        except SeveralFaces as several:
            _count_look(request)
            return _ask_which(request, event, form, several)
        except Later as error:
            refused, status = error, HTTPStatus(error.status)
        except (StoreUnavailable, ProofNeeded) as error:
            refused = error
        except UnusableSelfie as error:
            _count(request, event, error, form)
            refused = error
    page = _page(request, event, form, words, refused.words if refused else None)
    if wants_json(request):
        return _told(request, form, refused, page, status)
    page |= _picture_again(form, refused)
    return render(request, "faces/guest/selfie.html", page, status=status)


@takes_selfie
@require_POST
@never_cache
@member_required
@proof_gate.script
def check_selfie(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Whether a picture will do, before it is sent: finds a face, and neither keeps nor
    recognizes it, so no consent is needed yet. Of several faces it asks which one it is."""
    form = SelfieForm(request.POST, request.FILES, words=None)
    if not form.is_valid():
        return refusal_response("empty", status=200)
    if not limits.consume(request, "selfie_check", key=_key(request)):
        return refusal_response("too_many_checks", status=HTTPStatus.TOO_MANY_REQUESTS)
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
@proof_gate.page
def reuse_selfies(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Consent to be looked for here too, with the selfies given for another event."""
    words = consenting.words(event, person_of(request))
    form = ConsentForm(request.POST, words=words)
    if not form.is_valid():
        page = _page(request, event, SelfieForm(words=words), words, _changed(form))
        return render(request, "faces/guest/selfie.html", page | {"reuse_form": form}, status=422)
    is_news = reveal.will_be_news(event, person_of(request))
    consenting.give(user=person_of(request), event=event, words=words)
    if is_news:
        reveal.expect(request.session, event, person_of(request))
    return redirect("my_photos", slug=event.slug)


@require_POST
@member_required
@proof_gate.page
def answer_consent(request: HttpRequest, event: Event) -> HttpResponseBase:
    """A guest who agreed to less says yes to the words as they are now, or withdraws."""
    user = person_of(request)
    if "withdraw" in request.POST:
        say_removed(request, withdrawal.withdraw(user=user, event=event))
        return redirect("my_photos", slug=event.slug)
    words = consenting.words(event, person_of(request))
    form = ConsentForm(request.POST, words=words)
    if not form.is_valid():
        messages.error(request, _changed(form) or str(form.errors["consent"][0]))
    elif consenting.give_anew(user=user, event=event, words=words):
        messages.success(request, _("Thank you. We go on looking for you."))
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
    if wants_json(request):
        return JsonResponse(code_and_reason(several.code) | which_face.for_scripts(several))
    page = {"event": event, "form": form, **which_face.for_page(several)}
    return render(request, "faces/guest/which_face.html", page)


def _taken(request: HttpRequest, event: Event) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"next": reverse("my_photos", args=[event.slug])})
    return redirect("my_photos", slug=event.slug)


def _told(
    request: HttpRequest,
    form: SelfieForm,
    refused: Refusal | None,
    page: dict[str, object],
    status: HTTPStatus,
) -> HttpResponseBase:
    """Why not, to the script, which keeps the picture on the page; and what is to be agreed to,
    where that is the reason."""
    if refused is not None:
        is_good = not isinstance(refused, UnusableSelfie)
        return JsonResponse(code_and_reason(refused.code) | {"again": is_good}, status=status)
    confirm = render_to_string("faces/guest/_selfie_confirm.html", page, request)
    reason = _changed(form) or next((str(errors[0]) for errors in form.errors.values()), "")
    return JsonResponse({"reason": reason, "again": True, "confirm": confirm}, status=status)


def _picture_again(form: SelfieForm, refused: Refusal | None) -> dict[str, object]:
    """The page shows the picture that was sent, so that nothing is lost without a script; not where
    too much was asked, since that costs work."""
    kept = form.data.get("picture", "")
    if form.is_bound and not isinstance(refused, Later) and form.cleaned_data.get("image"):
        kept = which_face.shown_again(_data(form))
    return {"kept": kept, "unusable": isinstance(refused, UnusableSelfie)}


def _take(request: HttpRequest, event: Event, form: SelfieForm, words: Words | None) -> None:
    """Check the picture before the consent is recorded: a refused one leaves nothing behind."""
    user = person_of(request)

    def agree() -> None:
        if words is not None:
            consenting.give(user=user, event=event, words=words)
        if form.cleaned_data["notices"]:
            mailing.ask(user=user, event=event)

    is_news = reveal.will_be_news(event, user)
    enrolling.add_selfie(
        user=user,
        data=_data(form),
        box=which_face.box_of(form.cleaned_data["face"]),
        along=agree,
        event=event,
        may_change=_is_proven(request),
    )
    if is_news:
        reveal.expect(request.session, event, user)


def _data(form: SelfieForm) -> bytes:
    """The picture, sent as a file or come back with an answer. Raises `UnusableSelfie`."""
    image = form.cleaned_data["image"]
    if image:
        image.seek(0)
    return image.read() if image else which_face.picture_of(form.cleaned_data["picture"])


def _demand_rate(request: HttpRequest) -> None:
    """Raises `TooMany` where a guest sent too many selfies of late. Nothing is counted."""
    if not limits.may(request, "selfie_change", key=_key(request)):
        code = "too_many_changes"
    elif not limits.may(request, "selfie_refused", key=_key(request)):
        code = "too_many_refused"
    else:
        return
    raise limits.TooMany(code)


def _count(request: HttpRequest, event: Event, refused: UnusableSelfie, form: SelfieForm) -> None:
    """For the limits; for the organizer's figures, not again what the check has counted of the same
    picture; and for the organizer's eyes, where the face is another one."""
    _count_look(request)
    if refused.code not in (form.cleaned_data["checked"], "prove_first_to_change"):
        SelfieRefusal.objects.count_one(event, refused.code)
    if refused.code == "another_person":
        one_person.note_refusal(person_of(request), event)


def _count_look(request: HttpRequest) -> None:
    limits.consume(request, "selfie_check", key=_key(request))
    limits.consume(request, "selfie_refused", key=_key(request))


def _key(request: HttpRequest) -> str:
    """A guardian's children have limits of their own."""
    return counted_as(person_of(request))


def _is_proven(request: HttpRequest) -> bool:
    return user_of(request).proven_at is not None


def _page(
    request: HttpRequest,
    event: Event,
    form: SelfieForm,
    words: Words | None,
    error: str | None,
) -> dict[str, object]:
    consented, person = words is None, person_of(request)
    asked_again = consenting.asked_again(person, event) if consented else None
    selfies = list(Selfie.objects.of(person))
    must_prove = not _is_proven(request) and one_person.is_change(person)
    return {
        "event": event,
        "form": form,
        "words": consenting.words(event, person_of(request)) if asked_again else words,
        "asked_again": asked_again,
        "selfies": selfies,
        "consented": consented,
        "can_reuse": not consented and any(s.state == Selfie.State.ACCEPTED for s in selfies),
        "error": error or _changed(form),
        # The verdict on a picture stands at the picture.
        "is_beside": form.is_bound and not must_prove and len(selfies) < SELFIES_PER_GUEST,
        "must_prove": must_prove,
        "limit": SELFIES_PER_GUEST,
        "wants_notices": mailing.wanted(user=person_of(request), event=event),
        **in_app.hint(request, event.get_join_url()),
    }


def _words_to_agree_to(request: HttpRequest, event: Event) -> Words | None:
    """None where the guest has agreed."""
    own = Consent.objects.of(person_of(request)).in_event(event).in_force()
    return None if own.exists() else consenting.words(event, person_of(request))


def _changed(form: ConsentForm) -> str | None:
    """Said above the page, where the words that were on it are not those of now."""
    return words_of("consent_changed") if "words" in form.errors else None
