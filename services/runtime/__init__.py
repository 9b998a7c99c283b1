"""What every service runs in: worker loop, dead letters, HTTP frame, observing, orderly start and stop."""
