from django.apps import AppConfig


class FindMeConfig(AppConfig):
    name = "findme"

    def ready(self) -> None:
        # Importing checks and rules registers them.
        from findme import checks, health  # noqa: F401
