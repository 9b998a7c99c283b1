"""The demo: invented post of an invented town, sent through the real intakes of a mail room of its own."""
