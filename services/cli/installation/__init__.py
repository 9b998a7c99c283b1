"""Commands that start, prepare, keep and set up an installation."""
