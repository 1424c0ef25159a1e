"""The eyes: finding and describing faces in pixels. No rows."""
