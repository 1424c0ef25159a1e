"""What is forgotten with a person, whoever deletes the account and however; and what the desk's own
log never says."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.signals import post_delete, pre_delete, pre_save
from django.dispatch import receiver

from events import audit
from events.entrance import sessions
from events.models import SignIn, User
from findme import leftovers


@receiver(pre_delete, sender=User)
def end_sessions(sender: type[User], instance: User, **kwargs: Any) -> None:
    """While the rows that say which ones are the account's are there."""
    SignIn.objects.of(instance).end()


@receiver(post_delete, sender=User)
def forget_person(sender: type[User], instance: User, **kwargs: Any) -> None:
    """Rows that lead to the account go with it; these name it in other ways.

    Sessions of others may name its address. To read them takes long where there are many, so no row
    is held meanwhile; who dies before leaves them until they expire.
    """
    audit.forget_person(instance.pk)
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User))
    about.filter(object_id=str(instance.pk)).update(object_id=None, object_repr="")
    if instance.guardian_id is None:  # a child has neither a session nor a mailbox
        whose = (instance.pk, instance.email)
        transaction.on_commit(lambda: sessions.remove_all_of(*whose))
        leftovers.forget(instance.email)


@receiver(pre_save, sender=LogEntry)
def name_nothing(sender: type[LogEntry], instance: LogEntry, **kwargs: Any) -> None:
    """Django's log of the desk outlives what it is about: it says which row, not its name."""
    instance.object_repr = ""
