"""The words and rules of the mail room, free of input and output."""
