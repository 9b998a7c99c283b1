"""HTML to the text that a person would see, in one pass over the characters.

No tree is built: standard parsers walk up all open elements at every tag, and 100,000 nested ones cost half a minute.
"""

import html
import re

_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9:-]{0,30})")
_REST = re.compile(r"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_LINES = re.compile(r" ?\n[ \n]*")
_UNSEEN = frozenset({"script", "style", "head", "template", "noscript", "svg", "math", "object", "title"})
_IN_LINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    }
)
_CELLS = frozenset({"td", "th", "img"})
_ODD_TAGS = 100
"""Tags with an unclosed quote that are looked at to the end of the text; further ones end at the next `>`."""


def text_of(source: str) -> str:
    """The visible text: blocks on lines of their own, words that only change their looks left whole."""
    return _LINES.sub("\n", html.unescape("".join(_Scan(source).pieces()))).strip()


class _Scan:
    def __init__(self, source: str) -> None:
        self._source = source
        self._odd = 0
        self._unclosed: set[str] = set()

    def pieces(self) -> list[str]:
        source, place, found = self._source, 0, []
        while (start := source.find("<", place)) >= 0:
            found.append(_SPACE.sub(" ", source[place:start]))
            place, shown = self._markup(start)
            found.append(shown)
        found.append(_SPACE.sub(" ", source[place:]))
        return found

    def _markup(self, start: int) -> tuple[int, str]:
        """Where the markup that begins here ends, and what it leaves in the text."""
        source = self._source
        if source.startswith("<!--", start):
            return self._after("-->", start + 4), ""
        name = _NAME.match(source, start + 1)
        if name is None:
            # Declarations go; a lone `<` is text.
            return (self._after(">", start), "") if source[start + 1 : start + 2] in {"!", "?"} else (start + 1, "<")
        end, tag = self._end(name.end()), name[1].lower()
        if tag in _UNSEEN and name[0][0] != "/" and source[end - 2 : end] != "/>":
            return self._skip(tag, end), " "
        if tag in _IN_LINE:
            return end, ""
        return end, " " if tag in _CELLS else "\n"

    def _end(self, place: int) -> int:
        if self._odd < _ODD_TAGS:
            found = _REST.match(self._source, place)
            if found:
                return found.end()
            self._odd += 1
        return self._after(">", place)

    def _skip(self, tag: str, place: int) -> int:
        # An element that is never closed hides nothing: better a line of script in the index than a lost letter.
        if tag in self._unclosed:
            return place
        found = re.compile(rf"</{tag}[\s>]", re.IGNORECASE).search(self._source, place)
        if not found:
            self._unclosed.add(tag)
            return place
        return self._after(">", found.start())

    def _after(self, mark: str, place: int) -> int:
        found = self._source.find(mark, place)
        return found + len(mark) if found >= 0 else len(self._source)
