"""Keeps the ledger's view of every receipt."""
