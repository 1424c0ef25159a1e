"""Pixels and containers: files are read, made smaller and stripped here. No rows."""
