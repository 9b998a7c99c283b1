"""Questions that somebody keeps, and how many of their hits are new since the last look."""
