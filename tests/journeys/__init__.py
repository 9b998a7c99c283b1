"""Journeys through a whole mail room: a real process, real listeners, and what a clerk sees at the end."""
