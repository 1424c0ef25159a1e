"""System checks of the photo room."""
