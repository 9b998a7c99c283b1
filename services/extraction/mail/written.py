"""A mail as its author wrote it: the page and the pictures that lie beside it, or plain words where it has no page."""

import base64
from collections.abc import Iterator

from msgspec import Struct

from services.core.model.pictures import picture_in
from services.extraction.mail import charsets, html_apart
from services.extraction.mail.entities import MAX_HTML_CHARACTERS, Buffer, Entity, parse
from services.extraction.mail.signed import SIGNED_TYPES, content_of
from services.extraction.mail.tree import MailLimits, is_body

PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
PICTURE_BYTES, PICTURES = 4_000_000, 50
"""Of all pictures of a page together; the others are left out, and hang on the mail all the same."""


class Written(Struct, frozen=True):
    """What can be shown: a page without anything that acts, or text."""

    html: str = ""
    text: str = ""
    blocked: int = 0
    """Pictures that lie elsewhere, and were not fetched."""
    too_much: bool = False
    """Whether the page could not be made fit to be shown; then the text is shown."""


def written(buffer: Buffer, text: str, *, limits: MailLimits) -> Written:
    """The mail in this buffer; its text, as it was read before, where it has no page or one that costs too much."""
    leaves = list(_leaves(parse(buffer, 0, len(buffer)), limits))
    pages = [one for one in leaves if one.media_type == "text/html" and is_body(one)]
    if not pages:
        return Written(text=text)
    pictures = _pictures(leaves)
    source = "\n<hr>\n".join(charsets.decoded_html(one.content(), one.parameters.get("charset", "")) for one in pages)
    shown = html_apart.shown(source[:MAX_HTML_CHARACTERS], pictures)
    if shown is None:
        return Written(text=text, too_much=True)
    return Written(html=shown.html, blocked=shown.blocked)


def _leaves(entity: Entity, limits: MailLimits) -> Iterator[Entity]:
    """Everything that is no multipart, as far as the limits allow; attached mails are not looked into."""
    waiting, seen = [(entity, 0)], 0
    while waiting and seen < limits.parts:
        one, depth = waiting.pop()
        seen += 1
        inside = content_of(one.content()) if one.media_type in SIGNED_TYPES else b""
        if depth < limits.depth and inside:
            waiting.append((parse(inside, 0, len(inside)), depth + 1))
        elif depth < limits.depth and one.media_type.startswith("multipart/"):
            parts = [part for _, part in zip(range(limits.parts), one.unwrapped().parts(), strict=False)]
            waiting += [(part, depth + 1) for part in reversed(parts)]
        else:
            yield one


def _pictures(leaves: list[Entity]) -> dict[str, str]:
    """Addresses that hold the pictures themselves, by Content-ID: a page in a sandbox has no session to fetch them."""
    found: dict[str, str] = {}
    left = PICTURE_BYTES
    for one in leaves:
        name = one.headers.first("content-id").strip().strip("<>").lower()
        if not name or len(found) >= PICTURES:
            continue
        content = one.content()
        kind = picture_in(content[:64])
        if kind in PICTURE_TYPES and len(content) <= left:
            left -= len(content)
            found[name] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return found
