"""Scans as PDF/A with a layer of text, made on request and kept beside what was read."""
