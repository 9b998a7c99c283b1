"""What senders write on uploads, made harmless."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.streams import labels

MEDIA_TYPE = re.compile(r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$")


@given(st.text(max_size=600))
def test_no_name_deceives(name: str) -> None:
    """No slash, no control or format character, no path, not too long, and harmless stays harmless."""
    shown = labels.display_name(name)
    assert len(shown) <= labels.MAX_NAME_CHARACTERS
    assert not {"/", "\\"} & set(shown)
    assert not any(unicodedata.category(character).startswith("C") for character in shown)
    assert shown not in (".", "..")
    assert labels.display_name(shown) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("grüße.txt".encode(), "grüße.txt"),
        ("grüße.txt".encode("latin-1"), "grüße.txt"),
        ("„Miete“ 5 €.pdf".encode("cp1252"), "„Miete“ 5 €.pdf"),
        (b"\x81\x8d\xfc.pdf", "ü.pdf"),
        (b"..\\\xe9/\xe8", "è"),
    ],
)
def test_a_name_in_an_older_encoding_is_read(raw: bytes, shown: str) -> None:
    """Bytes that are no UTF-8 are what Windows and Latin-1 mean by them; nothing else about the name changes."""
    assert labels.display_name(raw.decode(errors="surrogateescape")) == shown
    assert labels.display_name("\ud800a") == "a"


@given(st.text(max_size=300))
def test_no_disposition_is_a_fault(header: str) -> None:
    """Whatever the header says, there is a name or none."""
    assert isinstance(labels.name_in(header), str)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="Brief vom 3.pdf"', "Brief vom 3.pdf"),
        ("attachment; filename=a.pdf", "a.pdf"),
        ("attachment; filename*=UTF-8''B%C3%BCrgermeister.pdf", "Bürgermeister.pdf"),
        ("attachment; filename*=nonsense''%FF.pdf", "ÿ.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('inline; filename="a\r\nX-Evil: 1.pdf"', "a X-Evil: 1.pdf"),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_the_name_is_found_in_the_disposition(header: str, name: str) -> None:
    """RFC 6266 and RFC 8187, with whatever else comes."""
    assert labels.name_in(header) == name


@given(st.text(max_size=300), st.binary(max_size=16))
def test_every_media_type_fits_records(declared: str, beginning: bytes) -> None:
    """What is stored can be read again: the pattern of media types holds."""
    assert MEDIA_TYPE.match(labels.media_type(declared, beginning))


@pytest.mark.parametrize(
    ("declared", "beginning", "found"),
    [
        ("application/pdf; version=1", b"", "application/pdf"),
        ("Image/TIFF", b"", "image/tiff"),
        ("application/octet-stream", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("no type", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("", b"MM\x00*", "image/tiff"),
        ("", b"what is this", "application/octet-stream"),
    ],
)
def test_the_sender_is_believed_where_it_says_something(declared: str, beginning: bytes, found: str) -> None:
    """Else the first bytes tell."""
    assert labels.media_type(declared, beginning) == found
