"""What we promise to others, read by tools that others made."""
