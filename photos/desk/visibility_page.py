"""The page of an event's desk that says who sees what, and publishes what waits."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from events.desk import registry
from events.models import Event
from photos import audience
from photos.desk import publishing
from photos.models import Photo

# In the session: ids of the photos that were published last, by event.
PUBLISHED = "photos_published"

registry.add_panel("photos/desk/_publish_panel.html", position=-9)


@registry.page(
    "visibility",
    "visibility/",
    label=gettext_lazy("Visibility"),
    position=14,
    # Elsewhere nothing waits, or the event's page says so: every page of the desk asks.
    count=lambda event: publishing.waiting_count(event) if event.publish_first else 0,
)
@require_http_methods(["GET", "HEAD", "POST"])
def event_visibility(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Who sees what, what waits, and the way to see it as a guest does."""
    if request.method == "POST":
        return _act(request, event)
    waiting = publishing.waiting(event)
    photos = Photo.objects.in_event(event).visible()
    context = {
        "title": _("Visibility"),
        "waiting": waiting.count(),
        "newest": waiting.order_by("-pk").values_list("pk", flat=True).first(),
        "highlights": photos.published().filter(highlight=True).count(),
        "is_open": audience.of_everybody(event).sees_general,
        "undoable": len(_published(request, event)),
    }
    return registry.show(request, event, "photos/desk/visibility.html", context)


def _act(request: HttpRequest, event: Event) -> HttpResponseBase:
    if "publish" in request.POST:
        _publish(request, event, registry.ids([request.POST["publish"]]))
    elif "undo" in request.POST:
        _take_back(request, event)
    else:
        return HttpResponse(status=400)
    return redirect(request.path)


def _publish(request: HttpRequest, event: Event, newest: list[int]) -> None:
    """What waited when the page said how much it was: what came since is asked about anew."""
    waited = publishing.waiting(event).filter(pk__lte=max(newest, default=0))
    ids = publishing.publish(waited, request.user)
    if not ids:
        messages.info(request, _("Nothing changed."))
        return
    others = request.session.get(PUBLISHED, {})
    request.session[PUBLISHED] = {**others, str(event.pk): ids}
    text = ngettext(
        "%(count)d photo is published: guests see it now.",
        "%(count)d photos are published: guests see them now.",
        len(ids),
    )
    messages.success(request, text % {"count": len(ids)})


def _take_back(request: HttpRequest, event: Event) -> None:
    """Exactly those of the last time."""
    photos = Photo.objects.in_event(event).filter(pk__in=_published(request, event))
    ids = publishing.unpublish(photos, request.user)
    others = request.session.get(PUBLISHED, {})
    request.session[PUBLISHED] = {key: kept for key, kept in others.items() if key != str(event.pk)}
    text = ngettext(
        "%(count)d photo waits to be published again.",
        "%(count)d photos wait to be published again.",
        len(ids),
    )
    messages.success(request, text % {"count": len(ids)})


def _published(request: HttpRequest, event: Event) -> list[int]:
    found: list[int] = request.session.get(PUBLISHED, {}).get(str(event.pk), [])
    return found
