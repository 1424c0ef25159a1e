from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    default = True
    verbose_name = _("Events")

    def ready(self) -> None:
        # Importing receivers, rules, sweeps and the desk's pages registers them, and so it does who
        # notes what a sign-in has proven.
        from events import audit, health, receivers, tasks  # noqa: F401
        from events.desk import copy_page  # noqa: F401
        from events.entrance import proof  # noqa: F401

        audit.watch()


class DeskConfig(admin.AdminConfig):
    """Django's admin, with the desk as its site."""

    default = False
    default_site = "events.desk.site.DeskSite"
