"""What people do with a document beside deciding where it belongs, as the record tells it."""
