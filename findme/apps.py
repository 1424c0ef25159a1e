from django.apps import AppConfig
from django.db.backends.signals import connection_created


class FindMeConfig(AppConfig):
    name = "findme"

    def ready(self) -> None:
        # Importing checks and rules registers them.
        from findme import checks, health  # noqa: F401
        from findme.running import connections

        connection_created.connect(connections.notice_gone_clients)
