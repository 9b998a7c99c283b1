"""What is found of an invoice that was read: our own checks, official rules, its pages, and whether it came before."""
