"""What comes to the demo in bulk: a batch of scans, a journal report, an import."""
