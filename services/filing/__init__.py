"""Decides where a document belongs, keeps the gapless register of each file, and holds what a clerk must decide."""
