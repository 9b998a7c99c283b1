"""Deputies over HTTP."""
