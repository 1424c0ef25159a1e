"""Ending sessions from My privacy: one that is somebody else's by now, or all of them."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from events.entrance import leaving
from events.models import SignIn

logger = logging.getLogger(__name__)


@require_POST
@login_required
def end(request: HttpRequest, sign_in_id: int) -> HttpResponse:
    """End one of one's own sessions; another person's does not exist here."""
    own = get_object_or_404(SignIn.objects.of(request.user), pk=sign_in_id)
    logger.info("session_ended user=%s sessions=1", own.user_id)
    if own.session_id == request.session.session_key:
        return leaving.send_out(request, reverse("home"))
    SignIn.objects.filter(pk=own.pk).end()
    messages.success(request, _("That device is signed out."))
    return redirect("privacy")


@require_POST
@login_required
def end_all(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    user_id = request.user.pk
    ended = SignIn.objects.of(request.user).end()
    answer = leaving.send_out(request, reverse("home"))
    logger.info("session_ended user=%s sessions=%s", user_id, ended)
    messages.success(request, _("You are signed out on all devices."))
    return answer
