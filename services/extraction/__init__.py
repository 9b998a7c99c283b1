"""Reads the text of every part of a received document and says which pages need OCR."""
