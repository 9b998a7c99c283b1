"""Poststelle: the mail room of a digital city hall, one package per service."""

__version__ = "0.1.0"
