"""What reports are counted by."""
