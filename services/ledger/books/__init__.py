"""Books that agree: store, ledger, index and originals compared, and a balance for each day."""
