"""The desk as a site: who is let in, and how they log in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, cast

from csp.decorators import csp_replace
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

# The theme's script, Alpine, evaluates the expressions in its markup, and sets widths by `style`.
# Nothing inline runs all the same: no page of ours, nor of the theme's, has a script in it.
POLICY = {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src-attr": ["'unsafe-inline'"],
}


class DeskSite(UnfoldAdminSite):  # type: ignore[misc]
    index_title = _("Organizers’ desk")

    def has_permission(self, request: HttpRequest) -> bool:
        from events.access import may_open_desk

        return may_open_desk(request.user)

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[..., HttpResponse]:
        """Every view of the desk, once the session may, with its user named in the log of what it
        changes.

        Here rather than in a middleware, which would read the session of every request.
        """

        from events import audit
        from events.desk import guard

        @wraps(view)
        def recorded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if view != self.logout and (first := guard.locked(request)):
                return first
            _refuse_unsearchable(request)
            with audit.acting(request.user):
                return view(request, *args, **kwargs)

        guarded: Callable[..., HttpResponse] = super().admin_view(recorded, cacheable)
        return _with_policy(guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Without the theme's colours, which it would write into the page: colors.css has them."""
        return {**super().each_context(request), "colors": None}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        from events.desk.sign_in import DeskSignIn

        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            **(extra_context or {}),
        }
        return _with_policy(DeskSignIn.as_view(extra_context=context))(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        from events.entrance import leaving

        return leaving.forget(request, super().logout(request, extra_context))

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Instead of Django's list of an app's models, which says nothing to organizers."""
        return redirect("admin:index")

    def get_urls(self) -> list[URLPattern]:
        """Without `r/<type>/<id>/`: it leads anybody with access to any object's address."""
        shortcut = path("r/<path:rest>", self.admin_view(_nothing_here))
        return [shortcut, *super().get_urls()]


def _with_policy(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponse]:
    return cast(Callable[..., HttpResponse], csp_replace(POLICY)(view))


def _refuse_unsearchable(request: HttpRequest) -> None:
    """The database has no text with a NUL, and would fail over a filter or a search for one."""
    if any("\0" in value for _name, values in request.GET.lists() for value in values):
        raise BadRequest("NUL in the address")


def _nothing_here(request: HttpRequest, **kwargs: Any) -> NoReturn:
    raise Http404
