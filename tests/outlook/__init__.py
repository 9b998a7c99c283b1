"""Outlook archives (PST) of our own making, for tests of the import."""
