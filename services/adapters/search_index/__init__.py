"""Finds documents by their words, within the rights of the one who asks."""
