"""What work leaves behind outside of our own rows: expired rows of the cache, jobs that failed,
mail in files. The sweep drops what is old; what names an address goes with its account."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_q.models import Task

from findme.backends import mail_files
from findme.text import names

# Long enough to look into why a job failed.
FAILURES_KEPT = timedelta(days=30)


def sweep() -> None:
    _drop_expired_cache_rows()
    Task.objects.filter(stopped__lt=timezone.now() - FAILURES_KEPT).delete()
    mail_files.drop_old()


def forget(address: str) -> None:
    """Remove what names an address: tracebacks quote rows, and mail has it at the top."""
    naming = [task.pk for task in Task.objects.iterator() if names(str(task.result), address)]
    Task.objects.filter(pk__in=naming).delete()
    mail_files.forget(lambda text: names(text, address))


def _drop_expired_cache_rows() -> None:
    """Django drops them only where the cache is full. Their keys are hashes of what is counted,
    and some of those are of addresses."""
    table = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])  # noqa: S608
