"""My privacy: what is stored about a guest, and every way to have it erased."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.access import (
    PERSON,
    may_use,
    must_prove,
    one_of_theirs,
    proof_required,
    to_prove,
    user_of,
)
from events.entrance import leaving
from events.models import Event, SignIn, User
from events.querysets import EventQuerySet
from faces.finding import erasing
from faces.finding.erasing import Removed
from faces.models import Selfie
from faces.notices import mailing
from faces.privacy import personal_data, records, withdrawal
from findme import limits
from photos.delivery import serving
from photos.intake import guest_upload
from photos.models import Photo
from photos.store import reading
from photos.store.faults import StoreUnavailable


@require_safe
@never_cache
@login_required
def my_privacy(request: HttpRequest) -> HttpResponse:
    """Everything stored about whoever asks. Nobody has a page about somebody else."""
    user = user_of(request)
    found = records.of_person(user)
    context = {
        "records": found.records,
        "past_consents": found.past_consents,
        "selfies": found.selfies,
        "has_face_data": found.has_face_data,
        "activity": records.activity(user),
        "children": [records.of_person(child) for child in User.objects.children_of(user)],
        "sign_ins": SignIn.objects.of(user).order_by("-at", "-pk"),
        "this_session": request.session.session_key,
    }
    return render(request, "faces/privacy/my_privacy.html", context)


@require_safe
@never_cache
@proof_required
def export(request: HttpRequest) -> HttpResponse:
    """The same as JSON, to keep or to take elsewhere: for whoever has proven to be meant."""
    response = JsonResponse(personal_data.export(user_of(request)), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="findme-my-data.json"'
    return response


@require_POST
@login_required
def withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw everywhere, or for the event whose id is sent; membership does not matter."""
    person, event_id = _person(request), request.POST.get("event", "")
    if not event_id:
        say_removed(request, withdrawal.withdraw_everywhere(person))
        return redirect("privacy")
    found = {str(record.event.pk): record for record in records.records(person)}
    if event_id not in found:
        raise Http404
    say_removed(request, withdrawal.withdraw(user=person, event=found[event_id].event))
    return redirect("privacy")


@require_POST
@login_required
def remove_child(request: HttpRequest, child_id: int) -> HttpResponse:
    """Remove a child that the guest looks for, with everything that is stored about it."""
    child = get_object_or_404(User.objects.children_of(user_of(request)), pk=child_id)
    withdrawal.remove_child(child)
    text = _("%(name)s is removed, with everything stored. A receipt goes to your mailbox.")
    messages.success(request, text % {"name": child.name})
    return redirect("privacy")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask once, then erase everything and sign out. No proof is needed, except of who holds a role
    of the desk."""
    user = user_of(request)
    if must_prove(user):
        return to_prove(request.path)
    added = guest_upload.added_as_guest(user).count()
    context: dict[str, object] = {
        "sole_organizer_of": withdrawal.sole_organizer_of(user),
        "children": list(User.objects.children_of(user)),
        "added_count": added,
        "made_count": Photo.objects.by(user).count() - added,
    }
    if request.method != "POST":
        return render(request, "faces/privacy/delete_account.html", context)
    limits.demand(request, "delete_account")
    try:
        remove_photos = request.POST.get("photos") != "keep"
        counts = withdrawal.delete_account(user, remove_photos=remove_photos)
    except withdrawal.SoleOrganizer as refused:
        context["sole_organizer_of"] = refused.names
        return render(request, "faces/privacy/delete_account.html", context, status=409)
    logout(request)
    page = render(request, "faces/privacy/account_deleted.html", {"rows": sum(counts.values())})
    return leaving.forget(request, page)


@require_POST
@login_required
def set_notices(request: HttpRequest) -> HttpResponse:
    """Turn notices of an event on or off."""
    event = get_object_or_404(_joined(request))
    if not may_use(user_of(request), event.pk):
        raise Http404
    person = _person(request, event)
    if request.POST.get("notices") == "on":
        mailing.ask(user=person, event=event)
        messages.success(request, _noticed_words(person))
    else:
        mailing.stop(user_id=person.pk, event_id=event.pk)
        messages.success(request, _("You get no more e-mails about this event."))
    if request.POST.get("back") == "my_photos":
        return redirect("my_photos", slug=event.slug)
    return redirect("privacy")


@require_safe
@login_required
def own_selfie(request: HttpRequest, selfie_id: int) -> HttpResponse:
    """A selfie, to its owner or a child's guardian and nobody else, wherever it was given."""
    return image_of(get_object_or_404(Selfie.objects.shown_to(request.user), pk=selfie_id))


@require_POST
@login_required
def remove_selfie(request: HttpRequest, selfie_id: int) -> HttpResponse:
    """Remove a selfie of one's own or of a child, wherever it was given; back to the event that is
    sent."""
    own = get_object_or_404(Selfie.objects.shown_to(request.user), pk=selfie_id)
    erasing.remove_selfie(own)
    is_own = own.user_id == request.user.pk
    messages.success(
        request, _("Your selfie is removed.") if is_own else _("The selfie is removed.")
    )
    event = _joined(request).first()
    return redirect("selfie", slug=event.slug) if event else redirect("privacy")


def _person(request: HttpRequest, event: Event | None = None) -> User:
    """Whom a form of this page is about: the user, or a child of theirs that is named."""
    user = user_of(request)
    person = one_of_theirs(user, request.POST.get(PERSON) or str(user.pk), event)
    if person is None:
        raise Http404
    return person


def _noticed_words(person: User) -> str:
    if not person.guardian_id:
        return _("You get an e-mail when there are new photos of you.")
    text = _("You get an e-mail when there are new photos of %(name)s.")
    return text % {"name": person.name}


def _joined(request: HttpRequest) -> EventQuerySet:
    """The event whose slug is sent, if whoever asks is its member."""
    slug = request.POST.get("event", "").replace("\0", "")
    return Event.objects.joined_by(user_of(request)).filter(slug=slug)


def say_removed(request: HttpRequest, removed: Removed) -> None:
    """What was removed, on the page; the receipt by e-mail says the same."""
    parts = [
        ngettext("%(count)d selfie", "%(count)d selfies", removed["selfies"])
        % {"count": removed["selfies"]},
        ngettext("%(count)d face pattern", "%(count)d face patterns", removed["templates"])
        % {"count": removed["templates"]},
        ngettext("%(count)d match", "%(count)d matches", removed["matches"])
        % {"count": removed["matches"]},
    ]
    text = _("Your consent is withdrawn. Removed: %(what)s. A receipt goes to your mailbox.")
    messages.success(request, text % {"what": ", ".join(parts)})


def image_of(own: Selfie) -> HttpResponse:
    """The picture itself, for its owner only: from the bucket too, since no address of a selfie
    ever leaves the site."""
    try:
        data = reading.read_of(own, "selfie")
    except StoreUnavailable as error:
        return serving.unavailable(error)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response
