"""Backups: taken while the mail room runs, linked to the one before, checked, and laid out again.

Imported by the command line alone.
"""
