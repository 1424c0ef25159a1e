from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PhotosConfig(AppConfig):
    name = "photos"
    verbose_name = _("Photos")

    def ready(self) -> None:
        # Importing checks, rules, sweeps and the desk's pages registers them.
        from photos import checks, health, receivers, tasks  # noqa: F401
        from photos.desk import cover_page, requests_page  # noqa: F401

        receivers.connect()
