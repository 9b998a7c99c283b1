"""A mail as a tree: what its author wrote, and what hangs on it, in the order of the original."""

import re
from dataclasses import dataclass, field

from services.core.model.record_files import MailHead
from services.extraction.kinds.signatures import kind_of, text_kind_of
from services.extraction.mail import charsets
from services.extraction.mail.decoding import enclosed
from services.extraction.mail.decoding.transfer import PLAIN_ENCODINGS
from services.extraction.mail.entities import Buffer, Entity, display_name, parse
from services.extraction.mail.headers import Headers, head_of
from services.extraction.mail.html import HtmlText
from services.extraction.mail.signed import SIGNED_TYPES, content_of
from services.runtime.context.service import Context

SHORT_TEXT = 200
"""Characters below which a plain alternative may be a mere notice ("please use a program that shows HTML")."""
MESSAGE_TYPES = frozenset({"message/rfc822", "message/global"})
PARTIAL = "message/partial"
"""One of several mails that a sender's program made of a large one (RFC 2046 5.2.2): told, not joined."""
_MAIL_NAMES = (".eml", ".mht", ".mhtml")
_BODY_TYPES = frozenset({"text/plain", "text/html"})
_ENCRYPTED_TEXT = re.compile(r"^[ \t]{0,8}-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_BEFORE_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*+\r?\n){0,20}")
_HEADER_FIELD = re.compile(
    rb"^(?:From|To|Subject|Date|Received|Message-ID|MIME-Version|Return-Path):", re.IGNORECASE | re.MULTILINE
)
_HEADER_FIELDS, _HEAD = 3, 8_192
_WORD = re.compile(r"\w{3,}")
NEWS_WORDS, NEWS_SHARE = 3, 0.1
"""So many words, and so large a part of its words, an alternative must have that the other lacks to be read as a whole;
of others only the lines are read in which such a word stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailLimits:
    """How deep and how wide a mail is looked into."""

    depth: int
    parts: int


def limits_of(context: Context) -> MailLimits:
    """The limits in the settings."""
    settings = context.settings.extraction
    return MailLimits(depth=settings.max_depth, parts=settings.max_parts)


@dataclass(frozen=True, slots=True)
class Leaf:
    """Something that hangs on a mail: a file, a picture in the text, another mail."""

    entity: Entity
    role: str
    """`attachment`, `inline` or `message`."""
    sealed: bool = False
    """Part of an encrypted mail: there is nothing to read in it."""

    def inside(self) -> tuple[Buffer, int, int]:
        """Where the bytes lie, from where to where: in the buffer of the mail, or unpacked into one of their own."""
        if self.entity.encoding in PLAIN_ENCODINGS:
            return self.entity.buffer, self.entity.start, self.entity.end
        content = self.entity.content()
        return content, 0, len(content)


@dataclass(kw_only=True, slots=True)
class Mail:
    """One mail, opened one level deep; attached mails are leaves."""

    head: MailHead
    text: str = ""
    media_type: str = "text/plain"
    problem: str | None = None
    leaves: list[Leaf] = field(default_factory=list)


def open_mail(buffer: Buffer, start: int, end: int, *, limits: MailLimits) -> Mail:
    """The mail between two places of the buffer. Never fails: what cannot be understood is text or an attachment."""
    entity = parse(buffer, _begin(buffer, start, end), end)
    walk = _Walk(limits)
    bodies = walk.bodies(entity, 0)
    texts = [*(body.text for body in bodies), "\n".join(walk.words_for_absent_pictures())]
    text = "\n\n".join(filter(None, texts))
    if _ENCRYPTED_TEXT.search(text):
        walk.problem = "encrypted"
    if entity.media_type == PARTIAL:
        walk.problem = walk.problem or "partial"
    walk.take_pictures()
    return Mail(
        head=head_of(entity.headers),
        text=text,
        media_type=entity.media_type,
        problem=walk.problem,
        leaves=walk.leaves,
    )


class _Walk:
    """Gathers the leaves on the way; the bodies are what remains."""

    def __init__(self, limits: MailLimits) -> None:
        self._limits = limits
        self.leaves: list[Leaf] = []
        self.problem: str | None = None
        self._sealed = False
        self._seen = 0
        self._pages: list[HtmlText | None] = []

    def bodies(self, entity: Entity, depth: int, parent: str = "") -> list[Entity]:
        """The entities whose text is the mail's own, in order."""
        self._seen += 1
        if not entity.media_type.startswith("multipart/"):
            return self._single(entity, depth, parent)
        if depth >= self._limits.depth:
            self.problem = self.problem or "too_deep"
            return []
        self._note_encryption(entity)
        if entity.media_type == "multipart/alternative":
            return self._alternative(entity, depth)
        found: list[Entity] = []
        parts = 0
        for part in entity.unwrapped().parts():
            parts += 1
            if self._full():
                break
            found += self.bodies(part, depth + 1, entity.media_type)
        if not parts and (kind_of(entity.head) or text_kind_of(entity.head)):
            self.leaves.append(Leaf(entity, "attachment", self._sealed))  # a file that was called a multipart
            return []
        return found if parts else [_as_text(entity)]

    def take_pictures(self) -> None:
        """Add the pictures that lie in pages as `data:`, and say of each other picture whether a page shows it."""
        pages = [page for page in self._pages if page]
        referred = self._referred()
        for number, leaf in enumerate(self.leaves):
            if leaf.role == "inline" and pages and _content_id(leaf.entity) not in referred:
                # Hung on beside a page that does not show it: sent to be read, such as a photographed letter.
                self.leaves[number] = Leaf(leaf.entity, "attachment", leaf.sealed)
        for picture in (picture for page in pages for picture in page.pictures):
            content = picture.content
            self.leaves.append(Leaf(Entity(content, Headers(), 0, len(content), picture.media_type), "inline"))

    def words_for_absent_pictures(self) -> list[str]:
        """What stands for the pictures that pages show and the mail does not hold: all that is left of them."""
        present = {_content_id(leaf.entity) for leaf in self.leaves}
        said = (words for name, words in self._referred().items() if name not in present)
        return list(dict.fromkeys(charsets.tidy(words).strip() for words in said if words.strip()))

    def _referred(self) -> dict[str, str]:
        return {name: words for page in self._pages if page for name, words in page.referred.items()}

    def _single(self, entity: Entity, depth: int, parent: str) -> list[Entity]:
        if is_body(entity):
            self._pages.append(entity.html)
            return [self._without_files(entity) if entity.html is None else entity]
        if entity.media_type in SIGNED_TYPES and depth < self._limits.depth:
            inside = content_of(entity.content())
            if kind_of(inside):
                # A file that was signed by itself (CAdES), and no mail.
                file = Entity(inside, Headers(), 0, len(inside), "application/octet-stream")
                file.name = entity.name.removesuffix(".p7m")
                self.leaves.append(Leaf(file, "attachment", self._sealed))
                return []
            if inside:
                return self.bodies(parse(inside, 0, len(inside)), depth + 1, parent)
        self.leaves.append(Leaf(entity, _role(entity, parent), self._sealed))
        return []

    def _without_files(self, entity: Entity) -> Entity:
        """The text without the files that stand in it, which are leaves."""
        content = entity.content()
        kept, files = enclosed.taken_out(content)
        for file in files:
            leaf = Entity(file.content, Headers(), 0, len(file.content), "application/octet-stream")
            leaf.name = display_name(charsets.decoded(file.name))
            self.leaves.append(Leaf(leaf, "attachment", self._sealed))
        if not files:
            return entity
        rest = Entity(kept, entity.headers, 0, len(kept), entity.default_type)
        rest.encoding = ""
        return rest

    def _alternative(self, entity: Entity, depth: int) -> list[Entity]:
        """Plain text and, where it says something else, the richest, which is the last (RFC 2046 §5.1.4).

        Many programs write a mere notice as plain text, or leave out of it what stands in tables.
        """
        plain: list[Entity] = []
        rich: list[list[Entity]] = []
        for part in entity.unwrapped().parts():
            if self._full():
                break
            found = self.bodies(part, depth + 1, entity.media_type)
            if part.media_type == "text/plain":
                plain += found
            elif found:
                rich.append(found)
        written = _length(plain)
        richest = next((found for found in reversed(rich) if _length(found)), [])
        if written < SHORT_TEXT and _length(richest) > 2 * written:
            return richest
        news = _news(richest, plain)
        if not news:
            return plain
        return [*plain, *richest] if _are_many(news, richest) else [*plain, _lines_with(news, richest)]

    def _note_encryption(self, entity: Entity) -> None:
        if entity.media_type == "multipart/encrypted":
            self.problem = "encrypted"
            self._sealed = True

    def _full(self) -> bool:
        if self._seen <= self._limits.parts:
            return False
        self.problem = self.problem or "too_many_parts"
        return True


def _begin(buffer: Buffer, start: int, end: int) -> int:
    """Where the header begins: a program may have written blank lines or a byte order mark before it."""
    before = _BEFORE_HEADER.match(buffer, start, end)
    if before is None or before.end() == start:
        return start
    block = re.split(rb"\r?\n\r?\n", buffer[before.end() : min(end, before.end() + _HEAD)], maxsplit=1)[0]
    return before.end() if len(set(_HEADER_FIELD.findall(block))) >= _HEADER_FIELDS else start


def is_body(entity: Entity) -> bool:
    """Whether it is what the author wrote, and not a file."""
    is_text = entity.media_type in _BODY_TYPES and entity.disposition != "attachment" and not entity.name
    return is_text and not kind_of(entity.head)


def is_mail(media_type: str, name: str) -> bool:
    """Whether these bytes are to be read as a mail, by what was said of them."""
    unspecific = media_type in {"application/octet-stream", "text/plain", "application/x-unknown", ""}
    return media_type in MESSAGE_TYPES or (unspecific and name.lower().endswith(_MAIL_NAMES))


def _role(entity: Entity, parent: str) -> str:
    if is_mail(entity.media_type, entity.name):
        return "message"
    shown = "content-id" in entity.headers or entity.disposition == "inline" or parent == "multipart/related"
    if entity.media_type.startswith("image/") and shown and entity.disposition != "attachment":
        return "inline"
    return "attachment"


def _content_id(entity: Entity) -> str:
    return entity.headers.first("content-id").strip().strip("<>").lower()


def _news(richest: list[Entity], plain: list[Entity]) -> set[str]:
    """The words of the page that the plain text lacks; addresses of links do not stand in its text.

    No word goes across a blank, and nearly all that stands between blanks stands in both: words are only looked for in
    the rest, and those of the plain text only where that has any.
    """
    known = _runs(plain)
    fresh = _words_in(_runs(richest) - known)
    return fresh - _words_in(known) if fresh else fresh


def _are_many(news: set[str], richest: list[Entity]) -> bool:
    """Whether the page is another text, and not the same with a line more."""
    return len(news) >= NEWS_WORDS and len(news) >= NEWS_SHARE * len(_words_in(_runs(richest)))


def _lines_with(news: set[str], richest: list[Entity]) -> Entity:
    """The lines of the page in which these words stand, such as a table that the plain text leaves out."""
    lines = [line for body in richest for line in body.text.split("\n")]
    found = Entity(b"", Headers(), 0, 0)
    found.text = "\n".join(
        dict.fromkeys(line for line in lines if not news.isdisjoint(_words_in(set(line.lower().split()))))
    )
    return found


def _runs(bodies: list[Entity]) -> set[str]:
    return {run for body in bodies for run in body.text.lower().split()}


def _words_in(runs: set[str]) -> set[str]:
    return {word for run in runs for word in _WORD.findall(run)}


def _length(bodies: list[Entity]) -> int:
    return sum(len(body.text) for body in bodies)


def _as_text(entity: Entity) -> Entity:
    # A multipart without any boundary: what is there was meant to be read.
    plain = Entity(entity.buffer, entity.headers, entity.start, entity.end)
    plain.media_type = "text/plain"
    return plain
