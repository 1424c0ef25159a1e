"""The frame of the organizers' desk, and what organizers do to an event."""
