"""Knows of every receipt where its document is now, and publishes what was received but never announced."""
