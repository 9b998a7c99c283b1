"""Journeys through a whole mail room: a real process, real doors, and what a clerk sees at the end."""
