"""What comes into an inbox is sent to the procedure's webhook, line by line."""
