"""What is remembered of decisions: by word, to be compared with letters, and kept, so that a start is short."""
