"""Whole archives of mail, brought in by the intake like all other post: counted first, resumable, balanced."""
