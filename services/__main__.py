"""Lets `python -m services` do what `poststelle` does."""

from services.cli import main

main()
