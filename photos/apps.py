from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PhotosConfig(AppConfig):
    name = "photos"
    verbose_name = _("Photos")

    def ready(self) -> None:
        # Importing checks, rules, sweeps, the desk's pages and the short ways registers them.
        from photos import checks, health, receivers, tasks  # noqa: F401
        from photos.clocks import pages  # noqa: F401
        from photos.delivery import picture_views  # noqa: F401
        from photos.desk import (  # noqa: F401
            bin_page,
            cover_page,
            inbox_page,
            requests_page,
            sections_page,
            visibility_page,
        )
        from photos.export import page  # noqa: F401
        from photos.gallery import short_ways  # noqa: F401
        from photos.intake import batch_views  # noqa: F401

        receivers.connect()
