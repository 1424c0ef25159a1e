"""System checks of the face room."""
