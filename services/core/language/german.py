"""German spelling made even: what is written Müller, Mueller or MULLER, Straße, Strasse or Str. is one word here.

The umlaut rules are those of Snowball's German2 and of Lucene's german_normalization. Entries and questions must go
through the same functions.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

_INVISIBLE = ("\u00ad", "\u200b", "\ufeff")
"""Soft hyphen, zero width space and byte order mark stand inside words and are not seen."""
_UE = re.compile(r"ue(?<![aeiouyqäöü]ue)")
"""Not after a vowel or q: Bauer, neue and Quelle keep it."""
_STREET = re.compile(r"str(?![^\W_])")
"""No German word but the abbreviation of Straße ends in `str`."""
_SHORTEST_STEM = 3
_ENDINGS = (
    "e", "em", "en", "er", "ern", "es", "s", "st", "est", "end", "enden", "ung", "ungen",
    "ig", "ige", "igen", "igung", "igungen", "igkeit", "igkeiten",
    "lich", "liche", "lichen", "lichkeit", "lichkeiten",
    "heit", "heiten", "keit", "keiten", "isch", "ische", "ischen", "ik", "iken",
)  # fmt: skip
"""What the German stemmer takes off, alone and in the usual chains."""


def clean(text: str) -> str:
    """The text as it is stored and cut into words: composed, without invisible and impossible characters."""
    if text.isascii():
        return text
    for character in _INVISIBLE:
        text = text.replace(character, "")
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, from a broken file name or mail
        text = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", text)


def fold(text: str, *, streets: bool = True) -> str:
    """Clean text in the one spelling of the index; other accents are folded by the analyser."""
    text = text.lower().replace("ae", "a").replace("oe", "o")
    if "ue" in text:
        text = _UE.sub("u", text)
    if not text.isascii():
        text = text.replace("ä", "a").replace("ö", "o").replace("ü", "u").replace("ß", "ss")
    return _STREET.sub("strasse", text) if streets and "str" in text else text


def bare(text: str) -> str:
    """Folded text without the accents that folding leaves to the analyser."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def stems_of_beginning(beginning: str, stem: Callable[[str], str]) -> Iterator[str]:
    """The stems, shorter than the beginning, of words that begin so: `genehmigu` leads to `genehm`."""
    for cut in range(max(_SHORTEST_STEM, len(beginning) - max(map(len, _ENDINGS))), len(beginning)):
        trunk, rest = beginning[:cut], beginning[cut:]
        if any(stem(trunk + ending) == trunk for ending in _ENDINGS if ending.startswith(rest)):
            yield trunk
