"""What stands around every page: where one can go, and what was just done."""
