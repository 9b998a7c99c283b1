"""Reads text out of files."""
