"""Where one can go from every page, by rights."""

from collections.abc import Collection, Sequence
from typing import Any

from services.runtime.translation.speaking import gettext
from services.runtime.translation.speaking import gettext_noop as _

NAVIGATION = (
    ("/posteingang", _("Posteingang"), {"decide"}),
    ("/suche", _("Suche"), {"search"}),
    ("/aktenplan", _("Aktenplan"), {"search"}),
    ("/hochladen", _("Hochladen"), {"deliver"}),
    ("/probleme", _("Nicht lesbar"), {"search"}),
    ("/eingang", _("Eingang verfolgen"), {"search", "deliver", "administer"}),
)
"""Path, label, and the rights of which one is needed. The first one allowed is where somebody starts."""
ADMINISTRATION = (
    ("/status", _("Status"), {"administer"}),
    ("/liegengeblieben", _("Verarbeitungsfehler"), {"administer"}),
    ("/konten", _("Konten"), {"administer"}),
    ("/schluessel", _("Schlüssel"), {"administer"}),
    ("/planfassung", _("Planfassung"), {"administer"}),
    ("/einsichten", _("Einsichten"), {"audit"}),
    ("/buecher", _("Bücher"), {"administer"}),
    ("/versiegelt", _("Versiegelt"), {"administer"}),
    ("/guete", _("Güte"), {"decide", "administer"}),
    ("/berichte", _("Berichte"), {"decide", "administer"}),
)
"""The same of what lies in one menu for those who administer; whoever may only see few of them has them in the row."""
MENU_FROM = 3
"""Pages from which there is a menu."""


def first_page(rights: Collection[str]) -> str:
    """Where somebody with these rights starts."""
    return next((path for path, _ in _allowed(rights, (*NAVIGATION, *ADMINISTRATION))), "/hilfe")


def navigation(rights: Collection[str]) -> dict[str, Any]:
    """The row and the menu of somebody with these rights."""
    row, menu = _allowed(rights, NAVIGATION), _allowed(rights, ADMINISTRATION)
    return {"navigation": row, "menu": menu} if len(menu) >= MENU_FROM else {"navigation": row + menu, "menu": []}


def _allowed(rights: Collection[str], pages: Sequence[tuple[str, str, set[str]]]) -> list[tuple[str, str]]:
    return [(path, gettext(label)) for path, label, any_of in pages if not any_of.isdisjoint(rights)]
