"""Who runs the official rules of electronic invoices."""
