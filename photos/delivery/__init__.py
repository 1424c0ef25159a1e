"""Pictures' bytes on their way out."""
