"""The demo: invented post of an invented town, sent through the real doors of a mail room of its own."""
