from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacesConfig(AppConfig):
    name = "faces"
    verbose_name = _("Faces")

    def ready(self) -> None:
        # Importing checks, rules, receivers, sweeps, the desk's pages, short ways and what finds
        # faces on covers is enough.
        from faces import checks, health, receivers, tasks  # noqa: F401
        from faces.desk import (  # noqa: F401
            cost_page,
            figures_page,
            guest_page,
            ready_page,
            threshold_page,
        )
        from faces.guest import people, short_ways  # noqa: F401
