"""How a gallery is laid out: in which order, and in which rows."""
