"""Reads text out of pictures of pages."""
