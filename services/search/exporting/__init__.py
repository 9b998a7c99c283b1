"""What was found, given out: as a list for a table or a program, and as the documents themselves in a zip."""
