"""Writes the word list of the search anew: `python -m deploy.vocabulary` (needs the German of Tesseract).

Two sources. Words of our own example letters and of our file plan, with a digit for how often they say them; and the
word list inside `deu.traineddata` of Tesseract (tessdata_fast, Apache-2.0, Google's), which says only that a word
exists. All are folded as the index folds them. Names of functions and long compounds are left out: the list confirms
the parts of compounds, and those are short.
"""

import argparse
import json
import math
import re
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from services.core.language import german

ROOT = Path(__file__).parent.parent
LIST = ROOT / "services" / "core" / "language" / "words.txt"
_HEAD = """\
# Words that may be parts of compounds, in the spelling of the index, each with a digit for how often our own letters
# say it. Written by `python -m deploy.vocabulary`. Sources: deploy/file-plans (ours, EUPL-1.2) and, all with 0, the
# word list of deu.traineddata, https://github.com/tesseract-ocr/tessdata_fast (Apache-2.0).
"""
_WORD = re.compile(r"[^\W\d_]+")
_UNICHARSET, _WORDS = 21, 19
_LAST, _BACK, _END = 1, 2, 4
_SHORT, _LONG = 6, 14
_OF_PLAN = 5
"""How much more a word of the plan counts than one of a letter: it is surely a word of an authority."""


def main() -> None:
    """Read both sources and write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tessdata", type=Path, nargs="?", default=Path("/usr/share/tesseract-ocr/5/tessdata"))
    options = parser.parse_args()
    said = Counter(_folded(word) for text in _own_texts() for word in _WORD.findall(text))
    known = {word: min(9, round(math.log2(1 + times))) for word, times in said.items()}
    for word in words_of((options.tessdata / "deu.traineddata").read_bytes()):
        folded = _folded(word)
        fits = _WORD.fullmatch(word) and word[1:] == word[1:].lower() and _SHORT <= len(folded) <= _LONG
        if fits and folded.isascii():
            known.setdefault(folded, 0)
    lines = [f"{word} {known[word]}" for word in sorted(known) if word.isascii() and word.isalpha() and len(word) > 1]
    LIST.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")


def _own_texts() -> Iterator[str]:
    for file in sorted((ROOT / "deploy" / "file-plans" / "examples").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            letter = json.loads(line)
            yield f"{letter['subject']} {letter['text']}"
    plan = json.loads((ROOT / "deploy" / "file-plans" / "musterstadt.json").read_text("utf-8"))
    for position in plan["positions"]:
        told = [position["title"], position.get("description", ""), *position.get("keywords", [])]
        yield from [" ".join(told)] * _OF_PLAN


def _folded(word: str) -> str:
    return german.bare(german.fold(german.clean(word)))


def words_of(trained: bytes) -> Iterator[str]:
    """The words of a trained model: a graph of letters, squeezed into 64 bits an edge (tesseract, dict/dawg.h)."""
    (count,) = struct.unpack_from("<i", trained)
    offsets = struct.unpack_from(f"<{count}q", trained, 4)
    ends = [*sorted(offset for offset in offsets if offset > 0), len(trained)]

    def part(number: int) -> bytes:
        return trained[offsets[number] : next(end for end in ends if end > offsets[number])]

    signs = [line.partition(" ")[0] for line in part(_UNICHARSET).decode().split("\n")[1:]]
    graph = part(_WORDS)
    _, letters, edges = struct.unpack_from("<hii", graph)
    yield from _walk(struct.unpack_from(f"<{edges}Q", graph, 10), signs, math.ceil(math.log2(letters + 1)))


def _walk(edges: tuple[int, ...], signs: list[str], width: int) -> Iterator[str]:
    waiting = [(0, "")]
    while waiting:
        place, begun = waiting.pop()
        flags = 0
        while not flags & _LAST:
            edge = edges[place]
            place += 1
            flags, following = (edge >> width) & 7, edge >> (width + 3)
            word = begun + signs[edge & ((1 << width) - 1)]
            if flags & _BACK:
                continue
            if flags & _END:
                yield word
            if following:
                waiting.append((following, word))


if __name__ == "__main__":
    main()
