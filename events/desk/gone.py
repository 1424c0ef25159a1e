"""What a colleague has removed while somebody's page was open: told, not taken for an address of
nobody's, which is what a 404 says."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _


def lead_back(request: HttpRequest, address: str) -> HttpResponseRedirect:
    """To the page that has what is there now. Never by the `Referer`: that is often the page of
    what is gone, and would lead there again and again."""
    messages.warning(request, _("That is not there any more."))
    return HttpResponseRedirect(address)


def photos_lead_back(request: HttpRequest, address: str) -> HttpResponseRedirect:
    """The same of photos that were ticked in a list, all of which are in the bin by now."""
    messages.warning(request, _("These photos are not there any more."))
    return HttpResponseRedirect(address)
