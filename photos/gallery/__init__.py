"""What guests look at."""
