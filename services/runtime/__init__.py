"""What every room runs in: worker loop, dead letters, HTTP frame, observing, orderly start and stop."""
