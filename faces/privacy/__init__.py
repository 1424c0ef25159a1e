"""Consents, records, exports and receipts: what is stored about a guest, and how it goes."""
