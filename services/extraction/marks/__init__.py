"""Where words stand on the picture of a page, and the marks that are laid over it."""
