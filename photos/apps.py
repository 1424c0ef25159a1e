from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PhotosConfig(AppConfig):
    name = "photos"
    verbose_name = _("Photos")

    def ready(self) -> None:
        from photos import receivers
        from photos.desk import cover_page  # noqa: F401 (registering is their effect)

        receivers.connect()
