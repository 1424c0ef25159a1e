"""Finding guests in photos, and taking back what was found."""
