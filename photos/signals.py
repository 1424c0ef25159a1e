"""What happens to photos, for apps above that keep something of them."""

from django.dispatch import Signal

# Sent inside the transaction that inserts a photo, with `photo`. What a receiver writes or
# enqueues is committed with the photo, or not at all.
photo_accepted = Signal()

# Sent inside the transaction that takes photos out of the bin, with `photo_ids`.
photos_restored = Signal()

# Sent inside the transaction that deletes photos, before they go, with `photo_ids`. What must be
# removed outside the database is enqueued, and so removed after the commit.
photos_removing = Signal()

# Sent inside the transaction that changes when an event's photos were taken, before it does, with
# `event`. Until the commit nobody may write down elsewhere when they were.
times_changing = Signal()
