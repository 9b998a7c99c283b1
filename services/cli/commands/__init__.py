"""Commands that talk to a running instance over HTTP."""
