"""What is filed is delivered to the procedures that take part at its place, in the order of its file."""
