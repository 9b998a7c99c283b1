"""Bytes of a document on their way out: whole or in a range, as a download that no browser shows."""

import re
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

SAFETY = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache"}
"""For bytes and text of documents: should a browser show them after all, they can do nothing."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_CHARACTERS = 120


class Content(Protocol):
    """What is downloaded."""

    @property
    def size_bytes(self) -> int:
        """All of it."""

    @property
    def etag(self) -> str:
        """The same as long as the bytes are, in quotes."""

    def pieces(self, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, without, `end`."""


def download(request: Request, content: Content, *, name: str, media_type: str) -> Response:
    """200 with all bytes, 206 with one range, 304, or 416 (RFC 9110 §14)."""
    headers = SAFETY | {"ETag": content.etag, "Accept-Ranges": "bytes", "Content-Disposition": disposition(name)}
    if request.headers.get("if-none-match") == content.etag:
        return Response(status_code=304, headers=headers)
    wanted = _wanted(request, content)
    if wanted is None:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{content.size_bytes}"})
    first, end = wanted
    headers["Content-Length"] = str(end - first)
    part = (first, end) != (0, content.size_bytes)
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{content.size_bytes}"
    pieces = content.pieces(first, end)
    return StreamingResponse(pieces, status_code=206 if part else 200, headers=headers, media_type=media_type)


def disposition(name: str) -> str:
    """A download under this name, in ASCII and as it is written (RFC 6266)."""
    shown = "".join(c if c.isprintable() and c not in '/\\:"' else "_" for c in name)
    stem, dot, ending = shown.rpartition(".")
    shown = f"{stem[:_NAME_CHARACTERS]}{dot}{ending[:_NAME_CHARACTERS]}"
    plain = _UNSAFE.sub("_", shown).lstrip(".") or "document"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown.encode('utf-8', 'replace'), safe='')}"


def _wanted(request: Request, content: Content) -> tuple[int, int] | None:
    """First byte and end; all of it where no range, several or an outdated one was asked for; None: none fits."""
    whole = (0, content.size_bytes)
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    outdated = request.headers.get("if-range", content.etag) != content.etag
    if not found or found.groups() == ("", "") or outdated:
        return whole
    first, last = found[1], found[2]
    if not first:
        start, end = max(content.size_bytes - int(last), 0), content.size_bytes
    else:
        start, end = int(first), min(int(last) + 1 if last else content.size_bytes, content.size_bytes)
    return (start, end) if start < end else None
