"""Reads the text on scanned pages."""
