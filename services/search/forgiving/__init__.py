"""What a question is forgiven: slips of the pen, and other words for the same thing."""
