"""A document read whole: every part in the order of the original, and the pages that wait for OCR."""

import io
from dataclasses import dataclass, field

from msgspec.structs import replace

from services.core import keys
from services.core.catalogue import known_problem
from services.core.keys import Bucket
from services.core.model.record_files import MailHead, PageRange, Part
from services.core.ports.text_extractor import ReadPart
from services.extraction.mail.entities import Buffer, readable
from services.extraction.mail.tree import Leaf, Mail, limits_of, open_mail
from services.extraction.reading import request_ocr, unpack_archive
from services.extraction.reading.file import (
    ARCHIVES,
    LOGO_BYTES,
    PICTURES,
    SIGNATURES,
    ZIP,
    File,
    Place,
    known_page_count,
    part_id,
)
from services.extraction.reading.read_by_tika import extracted
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
    limit: str | None = None
    """The first limit that cut the document short."""
    _characters: int = 0
    _unpacked: int = 0
    """Bytes that were taken out of archives."""

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
            name=file.name,
            media_type=file.media_type,
            size_bytes=file.size,
            sha256=file.sha256,
            role=file.role,
        )
        picture = file.picture
        if not file.size:
            self._take(replace(own, problem="empty"))
        elif file.size > self.context.settings.extraction.max_part_size:
            self._take(replace(own, problem="too_large"))
        elif file.media_type in SIGNATURES or (file.role == "inline" and file.size < LOGO_BYTES):
            self._take(own)
        elif file.is_sealed:
            self._take(replace(own, problem="encrypted"))
        elif picture:
            self._take_picture(replace(own, media_type=picture), file, known_page_count(picture))
        elif file.is_own_text:
            limit = _BYTES_OF_A_CHARACTER * self.context.settings.extraction.max_characters
            self._take(own, readable(file.read(limit), file.media_type, file.charset))
        else:
            self._take_extracted(own, file)

    def _leaves(self, opened: Mail, place: Place) -> None:
        for number, leaf in enumerate(opened.leaves, 1):
            if self._is_full():
                return
            self._leaf(leaf, (*place, number))

    def _leaf(self, leaf: Leaf, place: Place) -> None:
        entity = leaf.entity
        if leaf.role == "message":
            self._attached_mail(leaf, place)
            return
        file = File(
            place=place,
            content=io.BytesIO(entity.content()),
            media_type=entity.media_type,
            name=entity.name,
            role=leaf.role,
            charset=entity.parameters.get("charset", ""),
        )
        if leaf.sealed:
            self._take(Part(part=file.part, name=file.name, media_type=file.media_type, size_bytes=file.size))
        else:
            self.read_file(file)

    def _attached_mail(self, leaf: Leaf, place: Place) -> None:
        entity = leaf.entity
        own = Part(part=part_id(place), name=entity.name, media_type="message/rfc822", role="message")
        if len(place) > self.context.settings.extraction.max_depth:
            self._take(replace(own, problem="too_deep"))
            return
        buffer, start, end = leaf.inside()
        opened = open_mail(buffer, start, end, limits=limits_of(self.context))
        head = opened.head
        known = {"title": head.subject, "author": head.sender}
        own = replace(own, name=entity.name or head.subject, size_bytes=end - start)
        own = replace(own, properties={key: value for key, value in known.items() if value})
        self._take(replace(own, problem=known_problem("empty" if start == end else opened.problem)), opened.text)
        self._leaves(opened, place)

    def _take_extracted(self, own: Part, file: File) -> None:
        found = extracted(file, context=self.context, tenant=self.tenant)
        self._take_container(own, file, found[0])
        for inner in found[1:]:
            if self._is_full():
                return
            place = (*file.place, *inner.path)
            if len(place) > self.context.settings.extraction.max_depth:
                self.limit = self.limit or "too_deep"
                continue
            self._take_inner(place, inner, file, container=found[0].media_type)

    def _take_container(self, own: Part, file: File, read: ReadPart) -> None:
        own = replace(own, media_type=read.media_type, properties=read.properties, problem=known_problem(read.problem))
        if read.media_type in PICTURES and not own.problem:
            self._take_picture(own, file, known_page_count(read.media_type))
            return
        own = replace(own, page_count=len(read.page_characters))
        ranges = request_ocr.waiting(read.page_characters) if not own.problem else []
        if len(read.page_characters) > request_ocr.MAX_PAGES and ranges:
            own = replace(own, problem="too_large")
        self._await(own, file, ranges)
        text = request_ocr.laid_out(read.text, read.page_characters) if ranges else read.text
        self._take(own, text)

    def _take_inner(self, place: Place, read: ReadPart, file: File, *, container: str) -> None:
        own = Part(
            part=part_id(place),
            name=read.name[:255],
            media_type=read.media_type,
            properties=read.properties,
            page_count=len(read.page_characters),
            problem=known_problem(read.problem),
        )
        is_picture = container in ARCHIVES and read.media_type in PICTURES
        images = [(1, known_page_count(read.media_type) or request_ocr.RANGE)] if is_picture else []
        ranges = [] if own.problem else images or request_ocr.waiting(read.page_characters)
        content = self._inside(read, file, container) if ranges else b""
        if content:
            self._take_scan_inside(own, read, File(place=place, content=io.BytesIO(content)), ranges=ranges)
        elif ranges and not read.text.strip():
            # The extractor gives texts of what is inside, never bytes: OCR cannot be asked, but a person can.
            self._take(replace(own, problem=known_problem("no_text")), read.text)
        else:
            self._take(own, read.text)

    def _inside(self, read: ReadPart, file: File, container: str) -> bytes:
        """The bytes of what lies directly in a zip; nothing where they cannot be had, or too many were had already."""
        if container != ZIP or len(read.path) > 1:
            return b""
        left = self.context.settings.extraction.max_part_size - self._unpacked
        file.content.seek(0)
        found = unpack_archive.member(file.content, read.name, min(left, unpack_archive.MAX_MEMBER))
        self._unpacked += len(found)
        return found

    def _take_scan_inside(self, own: Part, read: ReadPart, file: File, *, ranges: list[tuple[int, int]]) -> None:
        page_count = own.page_count or known_page_count(own.media_type)
        own = replace(own, size_bytes=file.size, sha256=file.sha256, page_count=page_count)
        self._await(own, file, ranges)
        self._take(own, request_ocr.laid_out(read.text, read.page_characters) if read.page_characters else read.text)

    def _take_picture(self, own: Part, file: File, page_count: int) -> None:
        own = replace(own, page_count=page_count)
        if file.role == "inline" and file.size < LOGO_BYTES:
            self._take(own)
            return
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

    def _take(self, part: Part, text: str = "") -> None:
        left = self.context.settings.extraction.max_characters - self._characters
        if len(text) > left:
            text = text[:left]
            part = replace(part, problem=part.problem or "too_large")
        self._characters += len(text)
        self.parts.append(replace(part, text=text))

    def _note_limit(self) -> None:
        first = self.parts[0]
        self.parts[0] = replace(first, problem=first.problem or known_problem(self.limit))

    def _is_full(self) -> bool:
        if len(self.parts) < self.context.settings.extraction.max_parts:
            return False
        self.limit = self.limit or "too_many_parts"
        return True
