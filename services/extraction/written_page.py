"""The page in the frame: what a sender wrote, with a policy under which nothing of it can act or fetch."""

import html
from string import Template

from services.extraction.mail.written import Written
from services.runtime.translation.speaking import gettext, language, ngettext

FRAMED = {
    # `sandbox` without a word: no scripts, no forms, no windows, an origin of nobody; also when it is opened by itself.
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
"""Styles may stand in the letter: they are cut down to what neither fetches nor covers anything."""
_PAGE = Template("""<!doctype html>
<html lang="$language">
<head><meta charset="utf-8"><title>$title</title>
<style>
body { margin: 0; padding: .75rem; font: 1rem/1.5 system-ui, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
body { color: #1b2733; background: #fff; }
img { max-width: 100%; height: auto; }
.said { margin: 0 0 .75rem; padding: .4rem .7rem; font: .92rem/1.4 system-ui, sans-serif; }
.said { border: 1px solid #ecd9a8; background: #fff3d6; color: #7a4f00; }
pre { white-space: pre-wrap; font: inherit; margin: 0; }
</style></head>
<body>$said<main>$letter</main></body>
</html>
""")


def page_of(read: Written) -> str:
    """A whole page; what we say of the letter stands above it."""
    letter = read.html or f"<pre>{html.escape(read.text)}</pre>"
    said = "".join(f'<p class="said">{sentence}</p>' for sentence in _said(read))
    return _PAGE.substitute(language=language(), title=gettext("Nachricht"), said=said, letter=letter)


def _said(read: Written) -> list[str]:
    said = []
    if read.blocked:
        pictures = ngettext(
            "{count} Bild aus dem Netz nicht geladen.", "{count} Bilder aus dem Netz nicht geladen.", read.blocked
        )
        said.append(pictures.format(count=read.blocked))
    if read.too_much:
        said.append(gettext("Die Gestaltung dieser Nachricht ist zu aufwendig; hier steht ihr Text."))
    elif not read.html:
        said.append(gettext("Die Nachricht ist reiner Text."))
    return said
