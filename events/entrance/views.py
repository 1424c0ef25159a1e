"""The start page, the way into an event, and the health check."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from django import db
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.entrance import accounts, in_app, joining, login_codes, proof, proving
from events.entrance.forms import GuestForm, JoinCodeForm
from events.models import Event, SignIn, User
from findme import limits
from findme.language import current_language
from findme.refusals import words_of

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What FindMe is; for those who are logged in, their events."""
    context = {"events": Event.objects.joined_by(request.user), "form": JoinCodeForm()}
    return render(request, "events/entrance/home.html", context)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: whether this process reaches its database."""
    try:
        with db.connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except db.Error:
        logger.exception("health_check_failed")
        return HttpResponse("database away", "text/plain", HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse("ok", "text/plain")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enter_code(request: HttpRequest) -> HttpResponse:
    """From a typed code to the event's join page. `?code=` serves posters and home."""
    data = request.POST or request.GET
    form = JoinCodeForm(data if "code" in data else None)
    if not form.is_bound:
        return render(request, "events/entrance/enter_code.html", {"form": form})
    if form.is_valid():
        event = Event.objects.kept().filter(join_code=form.cleaned_data["code"]).first()
        if event:
            return redirect(event.get_join_url())
        logger.info("join_refused code=wrong_code")
        limits.demand(request, "wrong_code")
        form.add_error("code", words_of("wrong_code"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "events/entrance/enter_code.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The page behind an event's QR code. Members pass through, even with an outdated link."""
    if slug != slug.lower():  # as phones begin a sentence
        return untidy_link(request, slug, code)
    if Event.objects.joined_by(request.user).filter(slug=slug).exists():
        return redirect("my_photos", slug=slug)
    try:
        event = joining.event_to_join(slug=slug, code=code, at=timezone.now())
        if isinstance(request.user, User):
            return _join_as(request, event, request.user)
        return _join_as_guest(request, event)
    except joining.JoinRefused as refused:
        logger.info("join_refused code=%s slug=%s", refused.code, slug)
        joining.count_wrong_link(request, refused, slug)
        context = {"refused": refused, "form": JoinCodeForm()}
        return render(request, "events/entrance/join_refused.html", context, status=refused.status)


@require_safe
@never_cache
def untidy_link(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """To the link that is meant, from one with a bracket or a dot of the text around it."""
    return redirect("join", slug.lower(), code) if code else redirect("enter_code")


def _join_as(request: HttpRequest, event: Event, user: User) -> HttpResponse:
    """Whoever has proven nothing presses the button, proves it, and is in."""
    joining.admit(user=user, event=event)
    page, is_pressed = event.get_join_url(), request.method == "POST"
    if is_pressed and user.unproven_in is not None:
        request.session[proving.WISHES_TO_JOIN] = page
        return proving.send_code(request, user, page)
    wished = request.session.pop(proving.WISHES_TO_JOIN, "") == page
    if user.unproven_in is not None or not (is_pressed or wished):
        return _join_page(request, event)
    joining.join(user=user, event=event)
    return redirect("selfie", slug=event.slug)


def _join_as_guest(request: HttpRequest, event: Event) -> HttpResponse:
    """A new address gets in at once; a known one has to prove itself by a code."""
    form = GuestForm(request.POST or None)
    if not form.is_valid():
        return _join_page(request, event, form)
    limits.demand(request, "new_account", key=str(event.pk))
    name, email = form.cleaned_data["name"], form.cleaned_data["email"]
    language = current_language()
    try:
        guest = joining.register_guest(event=event, name=name, email=email, language=language)
    except joining.AddressTaken:
        request.session[proof.TYPED] = {"email": email, "name": name}
        return _send_code(request, event, email)
    proof.begin(request, guest, SignIn.How.JOINED, event=event)
    return redirect("selfie", slug=event.slug)


def _send_code(request: HttpRequest, event: Event, email: str) -> HttpResponse:
    """To allauth's code page, and from there back to the event's join page. Whoever cannot sign in
    is shown the same."""
    request.session[accounts.JOINING] = event.get_join_url()
    login_codes.send(request, email)
    query = urlencode({"next": event.get_join_url()})
    return redirect(f"{reverse('account_confirm_login_code')}?{query}")


def _join_page(request: HttpRequest, event: Event, form: GuestForm | None = None) -> HttpResponse:
    way_out = in_app.hint(request, event.get_join_url())
    context = {"event": event, "form": form, "inviters": joining.inviters(event), **way_out}
    is_refused = form is not None and form.is_bound
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "events/entrance/join.html", context, status=status)
