"""HTML of a mail as people may look at it: its words, tables, colours and own pictures, and nothing that acts.

Nothing of it leads anywhere: links have no targets, and pictures from elsewhere are counted, not fetched. Behind this
stand a sandbox and a policy of its own (see `pages`), so that one mistake in either is none.
"""

import re
from collections.abc import Mapping

import nh3
from msgspec import Struct

from services.extraction.mail.html import tamed

TAGS = frozenset(
    {
        *(
            "a",
            "abbr",
            "address",
            "article",
            "aside",
            "b",
            "bdi",
            "bdo",
            "big",
            "blockquote",
            "br",
            "caption",
            "center",
        ),
        *(
            "cite",
            "code",
            "col",
            "colgroup",
            "dd",
            "del",
            "details",
            "dfn",
            "dir",
            "div",
            "dl",
            "dt",
            "em",
            "figcaption",
        ),
        *(
            "figure",
            "font",
            "footer",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "i",
            "img",
            "ins",
            "kbd",
            "li",
        ),
        *("main", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub"),
        *(
            "summary",
            "sup",
            "table",
            "tbody",
            "td",
            "tfoot",
            "th",
            "thead",
            "time",
            "tr",
            "tt",
            "u",
            "ul",
            "var",
            "wbr",
        ),
    }
)
_LOOKS = frozenset(
    {"align", "valign", "bgcolor", "color", "width", "height", "dir", "lang", "style", "title", "hidden"}
)
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": _LOOKS,
    "img": frozenset({"src", "alt", "srcset"}),
    "table": frozenset({"border", "cellpadding", "cellspacing", "background"}),
    "td": frozenset({"colspan", "rowspan", "nowrap", "background"}),
    "th": frozenset({"colspan", "rowspan", "nowrap", "background"}),
    "font": frozenset({"face", "size"}),
    "ol": frozenset({"start", "type"}),
}
DROPPED = frozenset(
    {
        *(
            "script",
            "style",
            "head",
            "title",
            "template",
            "noscript",
            "svg",
            "math",
            "object",
            "embed",
            "iframe",
            "frame",
        ),
        *(
            "frameset",
            "noframes",
            "applet",
            "audio",
            "video",
            "canvas",
            "select",
            "textarea",
            "button",
            "xmp",
            "noembed",
        ),
    }
)
"""Elements whose content is no word of a letter."""
PROPERTIES = frozenset(
    {
        *("background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left"),
        *("border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width", "color"),
        *("direction", "display", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight"),
        *("height", "letter-spacing", "line-height", "margin", "margin-bottom", "margin-left", "margin-right"),
        *("margin-top", "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right"),
        *("padding-top", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align"),
        *("white-space", "width", "word-break", "word-wrap"),
    }
)
"""Of CSS: what neither fetches anything nor lies over something else."""
_INSIDE = re.compile(r"data:image/(?:png|jpeg|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//|\s*https?:", re.IGNORECASE)
_CSS_REMOTE = re.compile(r"url\(\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)


class Shown(Struct, frozen=True):
    """A page that can be shown, and how many pictures of it lie elsewhere."""

    html: str
    blocked: int = 0


def shown(source: str, pictures: Mapping[str, str]) -> Shown:
    """The page with its own pictures, which are `data:` addresses by Content-ID in lower case."""
    blocked = 0

    def kept(tag: str, attribute: str, value: str) -> str | None:
        nonlocal blocked
        if attribute == "style":
            blocked += len(_CSS_REMOTE.findall(value))
            return value
        if attribute in {"background", "srcset"}:
            blocked += attribute == "background" and bool(_REMOTE.match(value))
            return None
        if (tag, attribute) != ("img", "src"):
            return value
        if _INSIDE.fullmatch(value.strip()):
            return value.strip()
        blocked += bool(_REMOTE.match(value))
        return pictures.get(value.strip()[4:].strip().lower()) if value.strip().lower().startswith("cid:") else None

    html = nh3.clean(
        tamed(source),
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        attribute_filter=kept,
        filter_style_properties=PROPERTIES,
        url_schemes=frozenset({"cid", "data", "http", "https"}),
        link_rel=None,
    )
    return Shown(html, blocked)
