"""What organizers see of faces."""
