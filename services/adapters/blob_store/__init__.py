"""Keeps originals, derived texts and records."""
