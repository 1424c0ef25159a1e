"""“Is this you?” on pages: the card above My Photos, the page with all questions, and the answers.

All of it works as plain forms; htmx swaps the same parts in place.
"""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from events.access import member_required, person_of
from events.models import Event, User
from faces.finding import face_pictures
from faces.guest import questions, questions_sitting
from faces.guest.questions_sitting import Given, Sitting
from faces.models import Face
from photos import audience
from photos.delivery import serving
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)

LIST = "list"


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        choices=[(one, one) for one in (questions.YES, questions.NO, questions.UNSURE)]
    )
    face = forms.IntegerField(min_value=1, max_value=2**63 - 1)


@require_safe
@never_cache
@member_required
def all_questions(request: HttpRequest, event: Event) -> HttpResponseBase:
    """All that this guest can be asked: the likeliest first, what was put off last."""
    sitting = _sitting(request, event)
    context = _list(request, event, request.GET.get("after", ""))
    context |= said(request, sitting) | {"on": LIST}
    return render(request, "faces/guest/questions.html", context)


@require_POST
@member_required
def answer_question(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """Yes, no, or not sure."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        logger.info("answer_refused code=bad_form photo=%s", photo_id)
        return _next(request, event, error=_("That did not work. Please try again."))
    face_id, answer = form.cleaned_data["face"], form.cleaned_data["answer"]
    given = questions.answer(
        user=person_of(request), event=event, photo_id=photo_id, face_id=face_id, said=answer
    )
    if given is None:
        # Answered before, in another tab, or the photo is gone: what is open now is asked.
        logger.info("answer_refused code=not_open photo=%s", photo_id)
        return _next(request, event)
    logger.info("question_answered photo=%s answer=%s", photo_id, answer)
    questions_sitting.note(request.session, event, person_of(request), given)
    return _next(request, event, given=given)


@require_POST
@member_required
def take_back(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Undo the last answer of this sitting."""
    given = _sitting(request, event).last
    if given is not None:
        questions_sitting.forget_last(request.session, event, person_of(request))
        if not questions.take_back(user=person_of(request), event=event, given=given):
            given = None
    logger.info("answer_taken_back photo=%s", given.photo_id if given else "none")
    return _again(request, event, undone=given)


@require_safe
@member_required
def question_face(request: HttpRequest, event: Event, face_id: int) -> HttpResponseBase:
    """The face of a question, to the guest who is asked, while they are."""
    sitting = _sitting(request, event)
    if not questions.may_see_face(person_of(request), event, face_id, sitting):
        raise Http404
    face = get_object_or_404(Face.objects.defer("template"), pk=face_id, event=event)
    try:
        data = face_pictures.jpeg_of(face, side=face_pictures.LARGE)
    except StoreUnavailable as error:
        return serving.unavailable(error)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def said(request: HttpRequest, sitting: Sitting) -> dict[str, object]:
    """What a page says of the answer that led to it: the form's answer names it in the address, so
    that the page can be loaded again."""
    given = sitting.last
    is_told = given is not None and request.GET.get("answered") == str(given.photo_id)
    words = thanks(given, person_of(request)) if given else ""
    return {"said": words, "can_undo": True} if given and is_told else {"said": ""}


def thanks(given: Given, person: User) -> str:
    if given.answer == questions.NO:
        return _("Thank you: we will not ask about it again.")
    if given.answer == questions.UNSURE:
        return _("No matter: it waits under “Missing some?”.")
    if person.guardian_id:
        return _thanks_for_child(given, person)
    if given.gained < 2:
        return _("Thank you: this photo is now among yours.")
    text = ngettext(
        "Thank you: %(count)d more photo is yours.",
        "Thank you: %(count)d more photos are yours.",
        given.gained,
    )
    return text % {"count": given.gained}


def _thanks_for_child(given: Given, child: User) -> str:
    text = ngettext(
        "Thank you: %(count)d more photo of %(name)s.",
        "Thank you: %(count)d more photos of %(name)s.",
        max(1, given.gained),
    )
    return text % {"count": max(1, given.gained), "name": child.name}


def _next(
    request: HttpRequest, event: Event, *, given: Given | None = None, error: str = ""
) -> HttpResponseBase:
    """On with the page that was answered on. In place: the next question for the card; for the
    list nothing, since the question goes."""
    if not _is_in_place(request):
        if error:
            messages.error(request, error)
        return redirect(_address(request, event, given))
    words = thanks(given, person_of(request)) if given else error
    context = _context(request, event, words) | {"can_undo": given is not None}
    return _told(render(request, "faces/guest/_question_next.html", context), given)


def _again(request: HttpRequest, event: Event, *, undone: Given | None) -> HttpResponseBase:
    """The page with the question that is open again."""
    words = _("Taken back.") if undone else ""
    if not _is_in_place(request):
        if words:
            messages.success(request, words)
        return redirect(_address(request, event))
    context = _context(request, event, words)
    if context["on"] == LIST:
        context |= _list(request, event, request.POST.get("after", ""))
    return _told(render(request, "faces/guest/_question_next.html", context), undone)


def _sitting(request: HttpRequest, event: Event) -> Sitting:
    return questions_sitting.sitting(request.session, event, person_of(request))


def _is_in_place(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _told(response: HttpResponse, changed: Given | None) -> HttpResponse:
    """The page hears of it where My Photos is another gallery now."""
    if changed and changed.answer == questions.YES:
        trigger_client_event(response, "photos:changed", after="settle")
    return response


def _context(request: HttpRequest, event: Event, words: str) -> dict[str, object]:
    on = request.POST.get("on", "")
    context: dict[str, object] = {"event": event, "on": on, "said": words, "is_fragment": True}
    if on != LIST:
        sitting = _sitting(request, event)
        viewer = audience.of(request, event)
        context["card"] = questions.card(person_of(request), event, sitting, viewer)
    return context


def _list(request: HttpRequest, event: Event, after: str) -> dict[str, object]:
    found = questions.page(person_of(request), event, after, audience.of(request, event))
    return {"event": event, "page": found, "after": after if found.questions else ""}


def _address(request: HttpRequest, event: Event, given: Given | None = None) -> str:
    """The page that the form was on, at the place where it says thanks."""
    is_list = request.POST.get("on") == LIST
    after = request.POST.get("after", "") if is_list else ""
    query = ({"after": after} if after else {}) | (
        {"answered": str(given.photo_id)} if given else {}
    )
    page = reverse("questions" if is_list else "my_photos", args=[event.slug])
    return f"{page}{'?' if query else ''}{urlencode(query)}#questions"
