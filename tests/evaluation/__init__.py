"""How good classification is, in figures: `make evaluate`."""
