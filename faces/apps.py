from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacesConfig(AppConfig):
    name = "faces"
    verbose_name = _("Faces")

    def ready(self) -> None:
        from faces import checks, cost_desk, desk, receivers  # noqa: F401 (registering is their effect)
