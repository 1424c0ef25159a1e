"""Clocks of cameras that were wrong: the desk's pages, and how times of photos are shifted."""
