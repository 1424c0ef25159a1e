"""What other rooms may want to know of photos."""

from django.dispatch import Signal

# Sent inside the transaction that inserts a photo, with `photo`. What a receiver writes or
# enqueues is committed with the photo, or not at all.
photo_accepted = Signal()
