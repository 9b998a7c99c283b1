"""Invoices of our own making, in every syntax, valid by EN 16931 and XRechnung 3.0 unless a test changes them."""
