"""Promises of the ports, kept by every adapter."""
