"""What becomes of receipts: why something is not found, and books that agree."""
