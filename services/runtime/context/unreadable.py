"""Records that nobody can read: told in the log, and passed by who looks at all of them, one after another."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.core.errors import Rejected
from services.runtime.context.service import Context


@contextmanager
def passing_unreadable(context: Context, name: str) -> Iterator[None]:
    """Whatever the block does with one record: where that cannot be read, it is told and the next one's turn.

    `name` is a document, a receipt or a key. A file of a record that is no JSON of its shape is Rejected by its reader,
    one whose name is no number a ValueError. The world's failures go on to the caller.
    """
    try:
        yield
    except (Rejected, ValueError) as error:
        code = error.code if isinstance(error, Rejected) else "record_broken"
        context.log.error("record_unreadable", record=name, code=code)
