"""Finds documents for those who may see them, as JSON and as the clerk's pages."""
