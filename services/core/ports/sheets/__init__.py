"""Sheets of scans."""
