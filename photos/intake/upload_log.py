"""What the log of an event says of photos that came: one line for those that one person sent in one
go, whichever way. A line a photo would bury all others, and a count that grows with every photo
would have all that come at once wait for each other."""

from __future__ import annotations

from django.db import connection, transaction

from events import audit
from events.models import Event, User
from photos.models import UploadNote

# Those that nobody added to for two minutes, or that have gone on for an hour.
TAKE = """
    WITH ended AS (
        SELECT event_id, user_id FROM photos_uploadnote
         GROUP BY event_id, user_id
        HAVING max(at) < now() - interval '2 minutes' OR min(at) < now() - interval '1 hour'
    ), taken AS (
        DELETE FROM photos_uploadnote AS note
         USING ended
         WHERE note.event_id = ended.event_id AND note.user_id = ended.user_id
        RETURNING note.event_id, note.user_id
    )
    SELECT event_id, user_id, count(*) FROM taken GROUP BY event_id, user_id ORDER BY 1, 2
"""


def sweep() -> None:
    """Write the lines of what has ended. Three queries, and one for each line."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE)
            rows = cursor.fetchall()
        events = Event.objects.in_bulk({event_id for event_id, _, _ in rows})
        people = User.objects.in_bulk({user_id for _, user_id, _ in rows})
        for event_id, user_id, count in rows:
            if event := events.get(event_id):
                audit.record(event, "photos_uploaded", by=people.get(user_id), count=count)


def forget(user_id: int) -> None:
    """What a guest has sent who is gone: it would name them."""
    UploadNote.objects.filter(user_id=user_id).update(user_id=0)
