"""A mail as a tree: what its author wrote, and what hangs on it, in the order of the original."""

from dataclasses import dataclass, field

from services.core.model.record_files import MailHead
from services.extraction.mail.entities import Buffer, Entity, parse
from services.extraction.mail.headers import head_of
from services.runtime.context.service import Context

SHORT_TEXT = 200
"""Characters below which a plain alternative may be a mere notice ("please use a program that shows HTML")."""
MESSAGE_TYPES = frozenset({"message/rfc822", "message/global"})
_MAIL_NAMES = (".eml", ".mht", ".mhtml")
_BODY_TYPES = frozenset({"text/plain", "text/html"})
_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})
_ENCRYPTED_TEXT = "-----BEGIN PGP MESSAGE-----"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How deep and how wide a mail is looked into."""

    depth: int
    parts: int


def limits_of(context: Context) -> Limits:
    """The limits in the settings."""
    settings = context.settings.extraction
    return Limits(depth=settings.max_depth, parts=settings.max_parts)


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
        if self.entity.encoding in _PLAIN_ENCODINGS:
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


def open_mail(buffer: Buffer, start: int, end: int, *, limits: Limits) -> Mail:
    """The mail between two places of the buffer. Never fails: what cannot be understood is text or an attachment."""
    entity = parse(buffer, start, end)
    walk = _Walk(limits)
    bodies = walk.bodies(entity, 0)
    text = "\n\n".join(body.text for body in bodies if body.text)
    if text.startswith(_ENCRYPTED_TEXT):
        walk.problem = "encrypted"
    return Mail(
        head=head_of(entity.headers),
        text=text,
        media_type=entity.media_type,
        problem=walk.problem,
        leaves=walk.leaves,
    )


class _Walk:
    """Gathers the leaves on the way; the bodies are what remains."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.leaves: list[Leaf] = []
        self.problem: str | None = None
        self._sealed = False
        self._seen = 0

    def bodies(self, entity: Entity, depth: int, parent: str = "") -> list[Entity]:
        """The entities whose text is the mail's own, in order."""
        self._seen += 1
        if not entity.media_type.startswith("multipart/"):
            return self._single(entity, parent)
        if depth >= self._limits.depth:
            self.problem = self.problem or "too_deep"
            return []
        self._note_encryption(entity)
        if entity.media_type == "multipart/alternative":
            return self._alternative(entity, depth)
        found: list[Entity] = []
        parts = 0
        for part in entity.parts():
            parts += 1
            if self._full():
                break
            found += self.bodies(part, depth + 1, entity.media_type)
        return found if parts else [_as_text(entity)]

    def _single(self, entity: Entity, parent: str) -> list[Entity]:
        if self._is_body(entity):
            return [entity]
        self.leaves.append(Leaf(entity, _role(entity, parent), self._sealed))
        return []

    def _alternative(self, entity: Entity, depth: int) -> list[Entity]:
        """Plain text, unless it is empty or a mere notice; else the richest, which is the last (RFC 2046 §5.1.4)."""
        plain: list[Entity] = []
        rich: list[list[Entity]] = []
        for part in entity.parts():
            if self._full():
                break
            found = self.bodies(part, depth + 1, entity.media_type)
            if part.media_type == "text/plain":
                plain += found
            elif found:
                rich.append(found)
        written = _length(plain)
        if written >= SHORT_TEXT or not rich:
            return plain
        richest = next((found for found in reversed(rich) if _length(found)), [])
        return richest if _length(richest) > 2 * written else plain

    def _is_body(self, entity: Entity) -> bool:
        return entity.media_type in _BODY_TYPES and entity.disposition != "attachment" and not entity.name

    def _note_encryption(self, entity: Entity) -> None:
        if entity.media_type == "multipart/encrypted":
            self.problem = "encrypted"
            self._sealed = True

    def _full(self) -> bool:
        if self._seen <= self._limits.parts:
            return False
        self.problem = self.problem or "too_many_parts"
        return True


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


def _length(bodies: list[Entity]) -> int:
    return sum(len(body.text) for body in bodies)


def _as_text(entity: Entity) -> Entity:
    # A multipart without any boundary: what is there was meant to be read.
    plain = Entity(entity.buffer, entity.headers, entity.start, entity.end)
    plain.media_type = "text/plain"
    return plain
