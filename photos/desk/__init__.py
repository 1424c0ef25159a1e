"""What organizers do with photos that are there."""
