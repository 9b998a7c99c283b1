"""What is written from the code: schemas, and the pages of docs/ that only list what the code says."""
