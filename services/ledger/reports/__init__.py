"""What the mail room did in a time: volumes, times, what is open, corrections, days of payment."""
