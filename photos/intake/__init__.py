"""Every way by which photos come in, ending at `ingest`."""
