"""E-mail about new photos."""
