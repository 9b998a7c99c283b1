"""No adapter lays a part into the temporary folder: in a container that is a small piece of memory, and soon full."""

import io
import json
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.adapters.blob_store.s3.streams import SPOOL_BYTES, seekable
from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from services.adapters.text_extractor.tika import TikaTextExtractor
from services.adapters.text_extractor.tika.request import IN_MEMORY
from services.core.ports.ocr_engine import Look
from tests.ports import files

LARGE = IN_MEMORY + 1_000_000


class Server(BaseHTTPRequestHandler):
    """As much of Tika as is asked for: it says who it is, and how many bytes it was sent."""

    def do_GET(self) -> None:  # the library's name
        self._answer(b"Apache Tika 3")

    def do_PUT(self) -> None:  # same
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(json.dumps([{"Content-Type": "text/x-log", "X-TIKA:content": f"{size} bytes"}]).encode())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def address() -> Iterator[str]:
    """Where the server listens."""
    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is no temporary folder: whoever writes into it fails, as where it is full."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("_nowhere")
@pytest.mark.parametrize("on_disk", [False, True])
def test_a_large_file_is_sent_to_tika_as_it_lies(address: str, tmp_path: Path, *, on_disk: bool) -> None:
    """Whole, from memory or from its own file, wherever the caller had read to."""
    file = tmp_path / "large"
    file.write_bytes(b"x" * LARGE)
    with file.open("rb") if on_disk else io.BytesIO(file.read_bytes()) as content:
        content.read(10)
        [part] = TikaTextExtractor.running([address]).extract(content, name="a.log")
    assert part.text == f"{LARGE} bytes"


@pytest.mark.usefixtures("_nowhere")
@pytest.mark.parametrize("on_disk", [False, True])
def test_a_page_is_shown_from_the_file_as_it_lies(tmp_path: Path, *, on_disk: bool) -> None:
    """The worker is given the file's own descriptor, or one of memory."""
    file = tmp_path / "letter.pdf"
    file.write_bytes(files.pdf("Guten Tag"))
    engine = TesseractOcrEngine(tmp_path, cache=tmp_path, limits=OcrLimits(workers=1))
    with file.open("rb") if on_disk else io.BytesIO(file.read_bytes()) as content:
        content.read(10)
        shown = engine.show_page(content, media_type="application/pdf", look=Look(number=1))
    engine.close()
    assert shown.problem in (None, "")
    assert shown.content.startswith(b"\x89PNG")


@pytest.mark.usefixtures("_nowhere")
def test_what_is_sent_to_s3_is_spooled_on_the_data_s_disk(tmp_path: Path) -> None:
    """In the folder that the stack names."""
    with seekable(Pipe(bytes(3 * SPOOL_BYTES)), tmp_path) as stream:
        assert len(stream.read()) == 3 * SPOOL_BYTES


class Pipe(io.BytesIO):
    """A stream that cannot seek."""

    def seekable(self) -> bool:
        return False
