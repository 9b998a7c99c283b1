"""The SearchIndex port on tantivy: one writer at a time, searches beside it, rebuilds beside the living index."""

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path

from services.adapters.search_index.questions.question import Translator
from services.adapters.search_index.tantivy import engine, schema
from services.adapters.search_index.tantivy.folder import IndexFolder, remove
from services.adapters.search_index.tantivy.generation import Generation
from services.adapters.search_index.tantivy.pages import Pages
from services.core.errors import TryLater
from services.core.ports.entries import Entry, Facets, Hits, Query, Viewer

_REBUILD_COMMIT = 5_000
"""Documents of a rebuild between two commits; bounds the versions held in memory."""


class TantivySearchIndex:
    """The index in a folder that belongs to this process.

    `heap_bytes` bounds what is written and not yet on disk; a running rebuild takes as much again.
    """

    def __init__(self, folder: Path, *, heap_bytes: int = 64_000_000, threads: int = 1) -> None:
        self._heap_bytes, self._threads = heap_bytes, threads
        self._writing = threading.RLock()
        self._authors: set[int] = set()
        self._owed: set[int] = set()
        self._growing: Generation | None = None
        self._closed = False
        self._pages = Pages(Translator(schema.stems, schema.words), schema.stem)
        self._folder = IndexFolder(folder)
        try:
            self._living = self._opened()
        except BaseException:
            self._folder.close()
            raise

    @property
    def fresh(self) -> bool:
        """Whether the folder is marked as unfilled: true until a rebuild was switched to."""
        return self._folder.unfilled

    def _opened(self) -> Generation:
        """The living generation, or an empty one where there is none that can be read."""
        living = self._folder.living(engine.FORMAT)
        self._folder.remove_all_but(living)
        generation = self._readable(living) if living else None
        if generation is None:
            self._folder.mark_unfilled()
            generation = self._generation(self._folder.new())
            self._folder.point_to(generation.folder, engine.FORMAT)
            self._folder.remove_all_but(generation.folder)
        return generation

    def _readable(self, living: Path) -> Generation | None:
        try:
            generation = self._generation(living) if engine.is_index(living) else None
        except TryLater:
            return None
        if generation is not None and not generation.snapshot.whole():
            generation.close()
            return None
        return generation

    def _generation(self, folder: Path) -> Generation:
        return Generation(folder, heap_bytes=self._heap_bytes, threads=self._threads)

    def write(self, entries: Sequence[Entry]) -> None:
        """Into a growing generation too. TryLater: nothing written since the last commit counts, write it again."""
        with self._writing:
            self._tell_what_was_lost()
            self._authors.add(threading.get_ident())
            try:
                self._living.write(entries)
            except TryLater:
                self._start_over()
                raise
            self._write_beside(entries)

    def commit(self) -> None:
        """Shows what all threads wrote. TryLater as in `write`."""
        with self._writing:
            self._tell_what_was_lost()
            try:
                self._living.commit()
            except TryLater:
                self._start_over()
                raise
            self._authors.clear()
        self._pages.held.let_go()

    def _tell_what_was_lost(self) -> None:
        """Whoever wrote into a batch that was lost hears it once, at his next call."""
        me = threading.get_ident()
        if self._closed or me in self._owed:
            self._owed.discard(me)
            raise TryLater

    def _start_over(self) -> None:
        """A writer that failed (a full disk, say) is dead: open the last commit again, with a new one."""
        self._owed |= self._authors - {threading.get_ident()}
        self._authors.clear()
        with contextlib.suppress(TryLater):
            self._living.close()
        self._living = self._generation(self._living.folder)

    def _write_beside(self, entries: Sequence[Entry]) -> None:
        """Into the growing index too; if that fails, only the rebuild is lost."""
        if self._growing is None:
            return
        try:
            self._growing.write(entries)
            if self._growing.pending >= _REBUILD_COMMIT:
                self._growing.commit()
        except TryLater:
            self._drop_growing()

    def _drop_growing(self) -> None:
        growing, self._growing = self._growing, None
        if growing is not None:
            with contextlib.suppress(TryLater):
                growing.close()
            remove(growing.folder)

    def search(self, query: Query, viewer: Viewer) -> Hits:
        """Of the last commit, without waiting for a writer; TryLater once closed."""
        if self._closed:
            raise TryLater
        return self._pages.page(self._living.snapshot, query, viewer)

    def facets(self, query: Query, viewer: Viewer) -> Facets:
        """Of the last commit; TryLater once closed."""
        if self._closed:
            raise TryLater
        return self._pages.facets(self._living.snapshot, query, viewer)

    def version_of(self, document: str) -> int | None:
        """Of the last commit, not of what waits for the next; TryLater once closed."""
        if self._closed:
            raise TryLater
        rank = self._living.snapshot.rank_of(document)
        return None if rank is None else rank // 2

    def rebuild(self) -> "TantivyRebuild":
        """In this process, in a folder beside the living one. TryLater("busy") while another one runs."""
        with self._writing:
            if self._closed:
                raise TryLater
            if self._growing is not None:
                raise TryLater("busy")
            self._growing = self._generation(self._folder.new())
            return TantivyRebuild(self, self._growing)

    def write_growing(self, growing: Generation, entries: Sequence[Entry]) -> None:
        """What a rebuild writes; TryLater where it was abandoned or lost."""
        with self._writing:
            if self._growing is not growing:
                raise TryLater
            self._write_beside(entries)
            if self._growing is not growing:
                raise TryLater

    def switch_to(self, growing: Generation) -> None:
        """The growing index is the living one from now on."""
        with self._writing:
            if self._growing is not growing:
                raise TryLater
            growing.commit()
            self._folder.point_to(growing.folder, engine.FORMAT)
            self._folder.mark_filled()
            old, self._living, self._growing = self._living, growing, None
        with contextlib.suppress(TryLater):
            old.close()
        remove(old.folder)

    def abandon(self, growing: Generation) -> None:
        """The growing index goes, if it still grows."""
        with self._writing:
            if self._growing is growing:
                self._drop_growing()

    def ready(self) -> bool:
        """Whether the living generation answers a look-up now."""
        try:
            self.version_of("")
        except TryLater:
            return False
        return True

    def close(self) -> None:
        """May be repeated. What was not committed is forgotten, as is a rebuild."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
            self._drop_growing()
            with contextlib.suppress(TryLater):
                self._living.close()
            self._folder.close()


class TantivyRebuild:
    """A generation that grows beside the living one."""

    def __init__(self, index: TantivySearchIndex, growing: Generation) -> None:
        self._index = index
        self._growing = growing

    def write(self, entries: Sequence[Entry]) -> None:
        """As one writer with the index. TryLater: this rebuild is over, begin another one."""
        self._index.write_growing(self._growing, entries)

    def switch(self) -> None:
        """Commits, points the folder to it and removes the old one. TryLater where it was abandoned or lost."""
        self._index.switch_to(self._growing)

    def abandon(self) -> None:
        """Removes the folder; without effect once it was switched to or lost."""
        self._index.abandon(self._growing)
