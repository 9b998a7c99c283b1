"""Lets specialist procedures (Fachverfahren) take part: gives them what is filed, takes in what they submit."""
