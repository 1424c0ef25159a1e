"""Recognizing the faces of one event: a contract, its implementations, and their own rows."""
