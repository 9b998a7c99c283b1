"""The book of receipts in SQLite, on both stacks."""

from services.adapters.ledger_store.sqlite.book import SqliteLedgerStore

__all__ = ["SqliteLedgerStore"]
