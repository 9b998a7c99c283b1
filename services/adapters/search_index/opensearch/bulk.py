"""Bulk requests: bounded in size and count, repeated where that helps, split where they are too large."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus

import msgspec
from msgspec import Struct

from services.adapters.search_index.opensearch.client import BUSY, Away, Client
from services.adapters.search_index.opensearch.source import Line, cut

LINES_AT_MOST = 1_000
BYTES_AT_MOST = 8 * 1024 * 1024
ATTEMPTS = 6
"""With pauses of 0.1 to 2 seconds; after that the worker's own pauses are the better ones."""
PATIENCE_S = 60.0

_WRITTEN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT})
"""At a conflict a newer version is there already."""
_FILTER = "filter_path=errors,items.*.status,items.*.error.type"


class NoSuchAlias(Exception):
    """The alias that was to be written to points nowhere any more."""


class EntriesRefused(Exception):
    """Our problem: the cluster would take these documents in no form. The code is the type of the first refusal."""


class _Refusal(Struct, frozen=True):
    type: str = ""


class _Item(Struct, frozen=True):
    status: int
    error: _Refusal = _Refusal()


class _Done(Struct, frozen=True):
    errors: bool = True


class _Items(Struct, frozen=True):
    items: tuple[dict[str, _Item], ...] = ()


_read_done = msgspec.json.Decoder(_Done).decode
_read_items = msgspec.json.Decoder(_Items).decode


def send(client: Client, alias: str, lines: Sequence[Line]) -> None:
    """All lines are durable when this returns; an older version than the one that is there counts as written.

    NoSuchAlias where it points nowhere, Away when the cluster cannot take them now, EntriesRefused when it never will.
    """
    refused: list[str] = []
    for batch in _batches(lines):
        _send(client, alias, batch, refused=refused)
    if refused:
        raise EntriesRefused(refused[0])


def _batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    first, size = 0, 0
    for place, line in enumerate(lines):
        if place > first and (place - first >= LINES_AT_MOST or size + line.size > BYTES_AT_MOST):
            yield lines[first:place]
            first, size = place, 0
        size += line.size
    if first < len(lines):
        yield lines[first:]


def _send(client: Client, alias: str, lines: Sequence[Line], *, refused: list[str]) -> None:
    """One request; what only failed for now goes again alone, after a pause."""
    path = f"/{alias}/_bulk?require_alias=true&{_FILTER}"
    for attempt in range(1, ATTEMPTS + 1):
        body = b"\n".join([part for line in lines for part in (line.action, line.source)])
        answer = client.ask("POST", path, body + b"\n", patience_s=PATIENCE_S, attempts=ATTEMPTS)
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            _send_less(client, alias, lines, refused=refused)
            return
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NoSuchAlias
        if not answer.done:
            raise EntriesRefused(answer.error)
        if not _read_done(answer.text).errors:
            return
        lines = _again(lines, answer.text, refused)
        if not lines:
            return
        client.rest(attempt)
    raise Away("busy")


def _send_less(client: Client, alias: str, lines: Sequence[Line], *, refused: list[str]) -> None:
    """Halves of what was too large; of a single document what fits."""
    if len(lines) > 1:
        middle = len(lines) // 2
        _send(client, alias, lines[:middle], refused=refused)
        _send(client, alias, lines[middle:], refused=refused)
    elif lines[0].whole:
        _send(client, alias, [cut(lines[0])], refused=refused)
    else:
        refused.append("too_large")


def _again(lines: Sequence[Line], told: str, refused: list[str]) -> list[Line]:
    """The lines that may be taken next time."""
    again = []
    for line, items in zip(lines, _read_items(told).items, strict=True):
        (item,) = items.values()
        if item.status == HTTPStatus.NOT_FOUND:
            raise NoSuchAlias
        if item.status == HTTPStatus.FORBIDDEN:  # a block: the disk is full, or an operator forbade writing
            raise Away("not_allowed")
        if item.status in BUSY or item.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            again.append(line)
        elif item.status not in _WRITTEN:
            refused.append(item.error.type)
    return again
