from django.apps import AppConfig


class FindMeConfig(AppConfig):
    name = "findme"

    def ready(self) -> None:
        # Importing the checks registers them.
        from findme import checks  # noqa: F401
