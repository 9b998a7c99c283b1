"""What was done to the bytes of a mail on their way, undone: transfer encodings, line ends, charsets, dates."""
