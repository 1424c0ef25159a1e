#!/usr/bin/env python
"""Django's command line for FindMe."""

import os
import sys


def main(arguments: list[str]) -> None:
    """A database of this checkout's own that does not start is said in words."""
    from django.core.management import execute_from_command_line

    from findme.running import embedded_postgres

    try:
        execute_from_command_line(arguments)
    except embedded_postgres.EmbeddedPostgresError as error:
        if arguments[1:2] != ["doctor"]:
            sys.exit(str(error))
        embedded_postgres.problem = error
        execute_from_command_line(arguments)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "findme.settings")
    main(sys.argv)
