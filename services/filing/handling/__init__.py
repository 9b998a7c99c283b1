"""What people do with a document beside deciding where it belongs: notes, days to look again, who works on it."""
