"""The frame of the organizers' desk: its pages, forms and menu, and what organizers do to an event."""
