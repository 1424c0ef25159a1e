"""All originals back to their organizers: untouched, with a table of what they are."""
