"""Vorgänge: what a file is divided into where the plan asks for it (decision 0094)."""
