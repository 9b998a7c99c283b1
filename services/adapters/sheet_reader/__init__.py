"""Adapters of the port `SheetReader`."""
