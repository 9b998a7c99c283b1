"""How an adapter tells of what nobody asked it for, such as the death of a child process: by a word and facts.

Adapters do not know the runtime, and libraries put their input into messages: so what is ours goes through loggers of
one name of our own, and the runtime writes what comes there as lines of its own and counts it.
"""

import logging

OURS = "poststelle"
FACTS = "facts"
"""The attribute of a record that holds its facts: numbers and words of ours, never anything of a document."""


def warn(component: str, event: str, **facts: str | int | None) -> None:
    """Tell of an event by its code; the component is the one it happened to, such as `tika`."""
    logging.getLogger(f"{OURS}.{component}").warning(event, extra={FACTS: facts})
