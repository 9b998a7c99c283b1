"""A document read whole: every part in the order of the original, and the pages that wait for OCR."""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from msgspec.structs import replace

from services.core import keys
from services.core.catalogue import known_problem
from services.core.keys import Bucket
from services.core.model.pictures import picture_in
from services.core.model.record_files import MailHead, PageRange, Part
from services.core.ports.text_extractor import ReadPart
from services.extraction.invoices.reading import Found, find_in_text
from services.extraction.kinds.signatures import PDF, kind_of, text_kind_of
from services.extraction.mail.entities import Buffer, display_name
from services.extraction.mail.signed import content_of
from services.extraction.mail.tree import Leaf, Mail, limits_of, open_mail
from services.extraction.reading import own_text, read_by_tika, request_ocr
from services.extraction.reading.file import ARCHIVES, PICTURES, File, PartPath, hindrance, known_page_count, part_id
from services.extraction.reading.unpack_archive import MAX_MEMBER, Unpacking
from services.runtime.context.service import Context

_BYTES_OF_A_CHARACTER = 4


@dataclass(kw_only=True)
class Reading:
    """One document being read. What it lays out in the derived bucket is the same whenever it is read again."""

    context: Context
    tenant: str
    document: str
    mail: MailHead | None = None
    parts: list[Part] = field(default_factory=list)
    awaiting: list[PageRange] = field(default_factory=list)
    invoices: dict[str, bytes] = field(default_factory=dict)
    """The XML of the invoices, by their parts."""
    limit: str | None = None
    """The first limit that cut the document short."""
    _characters: int = 0
    _unpacked: int = 0
    """Bytes that were taken out of archives."""
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    def read_mail(self, buffer: Buffer, sha256: str) -> None:
        """Read a mail and all that hangs on it."""
        opened = open_mail(buffer, 0, len(buffer), limits=limits_of(self.context))
        self.mail = opened.head
        self._take(
            Part(
                part="0",
                media_type="message/rfc822",
                size_bytes=len(buffer),
                sha256=sha256,
                role="body",
                problem=known_problem("empty" if not len(buffer) else opened.problem),
            ),
            opened.text,
            find_in_text(opened.text),
        )
        self._leaves(opened, ())
        self._note_limit()

    def read_scan(self, file: File) -> None:
        """Read a document that is one file."""
        self.read_file(file)
        self._note_limit()

    def read_file(self, file: File) -> None:
        """Read one file and what is inside it."""
        own = Part(
            part=file.part,
            name=file.name if file.place else "",
            media_type=file.known_type,
            size_bytes=file.size,
            sha256=file.sha256,
            role=file.role,
        )
        limits = self.context.settings.extraction
        if problem := hindrance(file, max_size=limits.max_part_size, max_depth=limits.max_depth):
            self._take(replace(own, problem=known_problem(problem)))
        elif file.is_signature or file.adorns:
            self._take(own)
        elif picture := file.picture:
            self._take_picture(own, file, known_page_count(picture))
        elif file.is_mail and file.place:
            self._take_mail(own, file.read(file.size), file.place)
        elif signed := content_of(file.read(MAX_MEMBER)):
            self._take_signed(own, file, signed)
        elif file.is_archive:
            self._take_archive(own, file)
        else:
            self._take_text(own, file)

    def _leaves(self, opened: Mail, place: PartPath) -> None:
        for number, leaf in enumerate(opened.leaves, 1):
            if self._is_full():
                return
            self._leaf(leaf, (*place, number))

    def _leaf(self, leaf: Leaf, place: PartPath) -> None:
        entity = leaf.entity
        if leaf.role == "message" and not (kind_of(entity.head) or text_kind_of(entity.head)):
            self._attached_mail(leaf, place)
            return
        known = {"media_type": entity.media_type, "name": entity.name, "role": leaf.role}
        known["charset"] = entity.parameters.get("charset", "")
        file = File(place=place, content=io.BytesIO(entity.content()), **known)
        if leaf.sealed:
            # Beside what is sealed stands a part that only says which version of the seal it is (RFC 3156 §4).
            problem = None if file.media_type == "application/pgp-encrypted" else "encrypted"
            sealed = {"media_type": file.media_type, "size_bytes": file.size, "problem": problem}
            self._take(replace(Part(part=file.part, name=file.name), **sealed))
        else:
            self.read_file(file)

    def _attached_mail(self, leaf: Leaf, place: PartPath) -> None:
        own = Part(part=part_id(place), name=leaf.entity.name, media_type="message/rfc822")
        if len(place) > self.context.settings.extraction.max_depth:
            self._take(replace(own, role="message", problem="too_deep"))
            return
        buffer, start, end = leaf.inside()
        self._take_mail(replace(own, size_bytes=end - start), buffer, place, between=(start, end))

    def _take_mail(self, own: Part, buffer: Buffer, place: PartPath, *, between: tuple[int, int] | None = None) -> None:
        """A mail inside of something else, by our own reader."""
        start, end = between or (0, len(buffer))
        head = (opened := open_mail(buffer, start, end, limits=limits_of(self.context))).head
        own = replace(own, name=own.name or head.subject, media_type="message/rfc822", role="message")
        known = (("title", head.subject), ("author", head.sender))
        problem = known_problem("empty" if start == end else opened.problem)
        own = replace(own, properties={key: value for key, value in known if value}, problem=problem)
        self._take(own, opened.text, find_in_text(opened.text))
        self._leaves(opened, place)

    def _take_signed(self, own: Part, file: File, content: bytes) -> None:
        """A mail, or a file that was signed by itself (CAdES), which is read like any other."""
        if kind_of(content) or content.lstrip()[:1] == b"<":
            self._take(own)
            self._inner_file(file, 1, content, name=file.name.removesuffix(".p7m"), role="attachment")
        else:
            self._take_mail(own, content, file.place)

    def _take_archive(self, own: Part, file: File) -> None:
        """The files that were packed, each read like any other."""
        budget = self.context.settings.extraction.max_part_size - self._unpacked
        unpacking = Unpacking(file.content, file.kind, name=file.name, budget=budget)
        place = len(self.parts)
        self._take(own)
        for number, member in enumerate(unpacking.members(), 1):
            if self._is_full():
                break
            if member.problem:
                part = part_id((*file.place, number))
                self._take(Part(part=part, name=display_name(member.name), problem=known_problem(member.problem)))
            else:
                self._inner_file(file, number, member.content, name=member.name, role="attachment")
        self._unpacked += unpacking.unpacked
        if unpacking.problem == "broken" and len(self.parts) == place + 1:
            self.parts.pop()  # nothing came out of it: perhaps the extractor gets further
            self._take_extracted(own, file)
        elif unpacking.problem:
            self.parts[place] = replace(own, problem=known_problem(unpacking.problem))

    def _inner_file(self, file: File, number: int, content: bytes, *, name: str, role: str) -> None:
        inner = File(place=(*file.place, number), content=io.BytesIO(content), name=display_name(name), role=role)
        self.read_file(inner)

    def _take_text(self, own: Part, file: File) -> None:
        """What is text itself, and what the extractor makes text of."""
        limit = _BYTES_OF_A_CHARACTER * self.context.settings.extraction.max_characters
        if found := own_text.read(file, limit):
            self._take(replace(own, problem=known_problem(found.problem)), found.text, found.invoice)
            role = "inline" if file.text_type in own_text.PAGES else "attachment"
            for number, payload in enumerate(found.payloads, 1):
                if not self._is_full():
                    self._inner_file(file, number, payload.content, name=payload.name, role=role)
        else:
            self._take_extracted(own, file)

    def _take_extracted(self, own: Part, file: File) -> None:
        read = read_by_tika.with_fields(file, read_by_tika.extracted(file, context=self.context, tenant=self.tenant))
        found = read_by_tika.with_claim(file, read_by_tika.never_silent(file, read))
        container = self._take_container(own, file, found[0])
        contents = self._contents(file, found, container)
        for number, group in groupby(found[1:], key=lambda part: part.path[0]):
            if self._is_full():
                return
            if number in contents:
                name, content = contents[number]
                adorning = container not in ARCHIVES and picture_in(content)
                self._inner_file(file, number, content, name=name, role="inline" if adorning else "attachment")
            else:
                self._take_inners(list(group), file, container)

    def _take_inners(self, group: Sequence[ReadPart], file: File, container: str) -> None:
        """One thing inside a file and all that is inside of it, as the extractor read them."""
        for inner in group:
            if self._is_full():
                return
            place = (*file.place, *inner.path)
            if len(place) > self.context.settings.extraction.max_depth:
                self.limit = self.limit or "too_deep"
                continue
            self._take_inner(place, inner, container=container)

    def _contents(self, file: File, found: Sequence[ReadPart], container: str) -> dict[int, tuple[str, bytes]]:
        """Name and bytes of what lies directly inside and has to be read by ourselves; of the rest text is enough."""
        wanted = {part.path[0] for part in found[1:] if read_by_tika.wants_bytes(part, container)}
        if not wanted:
            return {}
        left = self.context.settings.extraction.max_part_size - self._unpacked
        names = {part.path[0]: part.name for part in found[1:] if len(part.path) == 1}
        if file.kind == PDF and (content := read_by_tika.lone_xml(file, found, wanted, limit=left)):
            self._unpacked += len(content)
            return {number: (names[number], content) for number in wanted}
        inside = read_by_tika.inner_bytes(file, names, context=self.context, limit=left)
        self._unpacked += sum(len(content) for content in inside.values())
        return {number: (names[number], inside[number]) for number in sorted(wanted & inside.keys())}

    def _take_container(self, own: Part, file: File, read: ReadPart) -> str:
        """The file itself; returns the media type that the extractor found."""
        own = replace(own, media_type=read.media_type, properties=read.properties, problem=known_problem(read.problem))
        if read.media_type in PICTURES and not own.problem:
            self._take_picture(own, file, known_page_count(read.media_type))
            return read.media_type
        own = replace(own, page_count=len(read.page_characters))
        own, ranges = self._pages_to_read(own, file, read)
        if len(read.page_characters) > request_ocr.MAX_PAGES and ranges:
            own = replace(own, problem="too_large")
        self._await(own, file, ranges)
        text = request_ocr.laid_out(read.text, read.page_characters) if ranges and own.page_count else read.text
        self._take(own, text)
        return read.media_type

    def _pages_to_read(self, own: Part, file: File, read: ReadPart) -> tuple[Part, list[tuple[int, int]]]:
        """The pages that OCR is asked for; also of a PDF that the extractor calls broken: PDFium may open it."""
        if own.problem in {"broken", "unsupported"} and file.kind == PDF and not read.text.strip():
            return replace(own, problem=None), [(1, request_ocr.RANGE)]
        if own.problem:
            return own, []
        sparse = min(read.page_characters, default=request_ocr.COVERED) < request_ocr.COVERED
        return own, request_ocr.waiting(read.page_characters, has_page_pictures=sparse and file.has_page_pictures)

    def _take_inner(self, place: PartPath, read: ReadPart, *, container: str) -> None:
        """What the extractor read of something whose bytes we have not."""
        own = Part(
            part=part_id(place),
            name=read.name[:255],
            media_type=read.media_type,
            properties=read.properties,
            page_count=len(read.page_characters),
            problem=known_problem(read_by_tika.problem_inside(read, container)),
        )
        self._take(own, read.text)

    def _take_picture(self, own: Part, file: File, page_count: int) -> None:
        own = replace(own, page_count=page_count)
        self._await(own, file, [(1, page_count or request_ocr.RANGE)])
        self._take(own)

    def _await(self, own: Part, file: File, ranges: list[tuple[int, int]]) -> None:
        if not ranges:
            return
        content_key = keys.handed_over(self.tenant, file.sha256, self.document)
        file.content.seek(0)
        self.context.ports.blobs.create(Bucket.DERIVED, content_key, file.content)
        self.awaiting += [
            PageRange(part=own.part, first_page=first, last_page=last, content_key=content_key, sha256=file.sha256)
            for first, last in ranges
        ]

    def _take(self, part: Part, text: str = "", found: Found | None = None) -> None:
        left = self.context.settings.extraction.max_characters - self._characters
        if len(text) > left:
            text = text[:left]
            part = replace(part, problem=part.problem or "too_large")
        self._characters += len(text)
        self.parts.append(replace(part, text=text, invoice=found.invoice if found else None))
        if found and found.xml:
            self.invoices[part.part] = found.xml

    def _note_limit(self) -> None:
        self.parts[0] = replace(self.parts[0], problem=self.parts[0].problem or known_problem(self.limit))

    def _is_full(self) -> bool:
        reached = "too_many_parts" if len(self.parts) >= self.context.settings.extraction.max_parts else None
        if time.monotonic() - self._began > self.context.settings.extraction.document_timeout.total_seconds():
            reached = "too_slow"  # two thousand parts, each within its own time, would hold a worker for days
        self.limit = self.limit or reached
        return reached is not None
