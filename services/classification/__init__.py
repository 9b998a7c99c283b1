"""Proposes a position of the file plan for a document that was read, or abstains and says why."""
