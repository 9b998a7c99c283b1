"""The outside world behind the ports; only the stack opens these."""
