from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacesConfig(AppConfig):
    name = "faces"
    verbose_name = _("Faces")

    def ready(self) -> None:
        from faces.desk import cost_page, pages  # noqa: F401 (registering is their effect)
