"""HTML to the text that a person would see, and the pictures that lie in it as `data:`.

The tree is built by Lexbor, which reads as browsers do (WHATWG HTML): a stray quote swallows nothing but its tag.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote_to_bytes

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 1_000
"""Elements inside each other. Deeper ones lose their tags, not their text: at each tag a parser looks up through all
open ones, and 100,000 of them would hold it for half a minute."""
MAX_PICTURES = 50
"""Pictures taken out of one page; a person who writes a letter pastes a few."""
_PICTURE_LETTERS = 200
"""Letters of base64 below which a picture is a dot or a line."""

_LONG_TAG = 10_000
"""Characters without a `>`; behind a picture as `data:` there may be more, but few blanks."""
_MANY_ATTRIBUTES = 1_000

_TAG_BEGINS = re.compile(r"<[A-Za-z/]")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,30})[^<>]*>")
_ANY_TAG = re.compile(r"<[^<>]*>")
_VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "link", "meta", "param", "source", "track"),
        *("wbr", "p", "li", "tr", "td", "th", "option", "dt", "dd"),
    }
)
_SPACES, _BLANKS = "\t\r\n\f\xa0", re.compile("  +")
"""White space but the blank, and blanks beside each other. A pattern for all of it looks at each letter."""
_LINES = re.compile(r"\n[ \n]+")
_UNSEEN = frozenset({"script", "style", "head", "template", "title", "annotation", "annotation-xml"})
_SWALLOWING = ("math", "noscript", "object", "script", "style", "svg", "template", "textarea", "title", "xmp", "iframe")
_OF_DRAWINGS = frozenset({"desc", "metadata"})
"""What a drawing says of itself, and does not show (SVG 2 §5.8)."""
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_SIGNS_OF_HIDING = ("hidden", "display:none", "display: none", "display :", "display:  ")
_MAY_HIDE = '[hidden],[style*="none" i],[style*="hidden" i]'
"""How programs hide the line that lists of mails show, or a page for narrow screens; nobody sees it in the letter."""
_IN_LINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
        *("time", "tspan", "tt", "u", "var", "wbr"),
    }
)
_TICKED, _UNTICKED = "\N{BALLOT BOX WITH X}", "\N{BALLOT BOX}"
_NOT_SHOWN = frozenset({"hidden", "password", "file", "image", "color", "range"})
"""Fields of a form whose content no person sees, or that hold none."""
_CELLS = frozenset({"td", "th", "img", "mi", "mn", "mo", "ms", "mtext"})
_DATA = re.compile(
    r"(?:url\()?([\"')]?)\s{0,20}data:((?:image|application)/[a-z0-9.+-]{1,80})((?:;[^;,]{0,80}){0,20}),", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class InlinePicture:
    """A picture whose bytes stand in the page itself."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HtmlText:
    """What a page shows."""

    text: str
    """Blocks stand on lines of their own, words that only change their looks are left whole."""
    pictures: tuple[InlinePicture, ...] = ()
    referred: dict[str, str] = field(default_factory=dict)
    """Content-IDs of the pictures that the page shows (RFC 2392), in lower case, and the words for each without it."""


def read(source: str) -> HtmlText:
    """The page, whatever its state: what is no HTML is text."""
    tree = LexborHTMLParser(tamed(source))
    walk = _Walk(may_hold_files="data:" in source)
    if tree.root is not None:
        walk.hidden = _hidden(tree, source)
        walk.through(tree.root)
        if walk.hidden and not "".join(walk.pieces).strip():
            # Shown by other means, perhaps: better a hidden line than a lost letter. Pictures are found once more, too.
            walk = _Walk(may_hold_files="data:" in source)
            walk.through(tree.root)
    return HtmlText(_in_lines("".join(walk.pieces)), tuple(walk.pictures), walk.referred)


def tamed(source: str) -> str:
    """The page without what costs a parser much or hides the rest of it; a page that a person wrote stays as it is."""
    return _flattened(_closed(_without_absurd_tags(source)))


def without_tags(source: str) -> str:
    """The words of a page that nobody could read as one, with whatever else stands between its tags."""
    return _in_lines(_in_one_line(unescape(_ANY_TAG.sub("\n", source))))


def _in_one_line(text: str) -> str:
    """The text with one blank for each run of white space."""
    for space in _SPACES:
        if space in text:
            text = text.replace(space, " ")
    return _BLANKS.sub(" ", text) if "  " in text else text


def _in_lines(text: str) -> str:
    """The text without empty lines and the blanks around line ends."""
    return _LINES.sub("\n", text.replace(" \n", "\n")).strip()


class _Walk:
    """Gathers text and pictures in the order of the page; its stack is its own: pages may be deep."""

    def __init__(self, *, may_hold_files: bool) -> None:
        self._may_hold_files = may_hold_files
        self.pieces: list[str] = []
        self.pictures: list[InlinePicture] = []
        self.referred: dict[str, str] = {}
        self.hidden: frozenset[int] = frozenset()
        """The nodes that are passed over."""

    def through(self, root: LexborNode) -> None:
        stack: list[LexborNode | str] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                self.pieces.append(node)
                continue
            tag = node.tag or ""
            if tag == "-text":
                words = _in_one_line(node.text_content or "")
                is_parted = words[:1] == " " == "".join(self.pieces[-2:])[-1:]
                self.pieces.append(words[1:] if is_parted else words)
                continue
            if tag in _UNSEEN or tag.startswith("-"):
                continue  # comments and declarations, too
            if (self.hidden and node.mem_id in self.hidden) or (tag in _OF_DRAWINGS and _is_in_drawing(node)):
                continue
            self._look(tag, node)
            is_cell = tag in _CELLS or (tag == "input" and _is_box(node.attributes))
            before = "" if tag in _IN_LINE else " " if is_cell else "\n"
            self.pieces.append(before)
            inside = _chosen(node) if tag == "select" else list(node.iter(include_text=True))
            stack += ["" if is_cell else before, *reversed(inside)]

    def _look(self, tag: str, node: LexborNode) -> None:
        if tag == "input":
            self._say(_entered(node.attributes))
        if tag != "img":
            if self._may_hold_files:
                self._look_for_files(node)
            return
        source = node.attributes.get("src") or ""
        if source.lower().startswith("cid:"):
            self.referred.setdefault(source[4:].strip().lower(), node.attributes.get("alt") or "")
        elif found := _DATA.match(source):
            self._take(found, source)
        else:
            # A picture that is fetched from elsewhere, or cannot be: programs show what stands for it.
            self._say(node.attributes.get("alt"))

    def _say(self, value: str | None) -> None:
        """Words that stand in an attribute, apart from those before them."""
        if words := _in_one_line(value or "").strip():
            parted = "".join(self.pieces[-2:])[-1:] in {"", " ", "\n"}
            self.pieces.append(words if parted else f" {words}")

    def _look_for_files(self, node: LexborNode) -> None:
        """Backgrounds, links and whatever else holds a file itself."""
        for value in node.attributes.values():
            if value and "data:" in value:
                self._take(_DATA.search(value), value)

    def _take(self, found: re.Match[str] | None, source: str) -> None:
        if found is None or len(self.pictures) >= MAX_PICTURES:
            return
        letters = source[found.end() :].split(found[1], 1)[0] if found[1] else source[found.end() :]
        content = _content(letters, is_base64=found[3].lower().endswith(";base64"))
        if len(content) * 4 // 3 >= _PICTURE_LETTERS:
            self.pictures.append(InlinePicture(found[2].lower(), content))


def _hidden(tree: LexborHTMLParser, source: str) -> frozenset[int]:
    """The nodes whose content the page itself hides, whatever lies in them."""
    lower = source.lower()
    if not any(sign in lower for sign in _SIGNS_OF_HIDING):
        return frozenset()  # as most letters are: nothing has to be looked for
    return frozenset(
        node.mem_id
        for node in tree.css(_MAY_HIDE)
        if "hidden" in (known := node.attributes) or _HIDDEN.search(known.get("style") or "")
    )


def _chosen(select: LexborNode) -> list[LexborNode]:
    """The options that a person sees as the answer: what was not chosen says the opposite (WHATWG HTML §4.10.7)."""
    options = select.css("option")
    chosen = [option for option in options if "selected" in option.attributes]
    return chosen or (options if "multiple" in select.attributes else options[:1])


def _entered(field: Mapping[str, str | None]) -> str | None:
    """What a person sees in a field of a form; an answer that is not ticked says the opposite of one that is."""
    if _is_box(field):
        return _TICKED if "checked" in field else _UNTICKED
    return None if (field.get("type") or "text").lower() in _NOT_SHOWN else field.get("value")


def _is_box(field: Mapping[str, str | None]) -> bool:
    return (field.get("type") or "").lower() in {"checkbox", "radio"}


def _is_in_drawing(node: LexborNode) -> bool:
    above = node.parent
    while above is not None and above.tag not in {"svg", "body"}:
        above = above.parent
    return above is not None and above.tag == "svg"


def _content(letters: str, *, is_base64: bool) -> bytes:
    raw = unquote_to_bytes(letters)
    if not is_base64:
        return raw
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    whole = len(clean) - (len(clean) % 4 == 1)
    try:
        return base64.b64decode(clean[:whole] + b"=" * (-whole % 4))
    except binascii.Error:
        return b""


def _without_absurd_tags(source: str) -> str:
    """The source without tags of thousands of attributes: a parser compares each new one with all before it."""
    pieces = source.split(">")
    for number, piece in enumerate(pieces):
        if len(piece) > _LONG_TAG and piece.count(" ") > _MANY_ATTRIBUTES:
            tag = _TAG_BEGINS.search(piece)
            pieces[number] = piece[: tag.start()] + "<br" if tag else piece
    return ">".join(pieces)


def _closed(source: str) -> str:
    """The source without opening tags of unseen elements that nothing closes.

    To a browser they hide the rest of the page: better a line of script in the index than a lost letter.
    """
    lower = source.lower()
    if len(lower) != len(source):
        return source  # letters that grow when they get small: places in one are none in the other
    for tag in _SWALLOWING:
        start = lower.rfind(f"<{tag}")
        if start >= 0 and lower.find(f"</{tag}", start) < 0:
            end = lower.find(">", start) + 1 or start + len(tag) + 1
            source, lower = source[:start] + source[end:], lower[:start] + lower[end:]
    return source


def _flattened(source: str) -> str:
    """The source without the tags that lie deeper than any page a person wrote."""
    if source.count("<") <= MAX_DEPTH:
        return source
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[2].lower() in _VOID:
            return tag[0]
        depth = max(0, depth - 1) if tag[1] else depth + 1
        return tag[0] if depth <= MAX_DEPTH else " "

    return _TAG.sub(kept, source)
