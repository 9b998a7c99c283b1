"""What somebody sent whose session was over: kept through the sign-in, and offered again; never carried out unasked."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from msgspec import Struct

from services.core import catalogue
from services.runtime.access.origin import is_same_origin
from services.runtime.desk.forms import MAX_FIELDS, MAX_FORM_BYTES, local_path
from services.runtime.translation.speaking import gettext, language
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import sent_by_stranger

SECRETS = frozenset({"password", "again", "former"})
"""Fields that no page may hold."""
_OFFERED = {"file": _("Akte"), "position": _("neue Akte bei"), "office": _("Amt"), "name": _("Name")}
"""What is said of a form besides what it does, by the names of its fields."""
_ACTIONS = {"open": "file"}


class Kept(Struct, frozen=True, kw_only=True):
    """A form, where it was sent to, and its fields in one line."""

    target: str
    fields: str

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Its fields."""
        return parse_qsl(self.fields, keep_blank_values=True)

    @property
    def said(self) -> str:
        """What it would do, for whoever has to say so again."""
        fields = dict(self.pairs)
        action = fields.get("action", "")
        chosen = [f"{gettext(label)} {fields[name]}" for name, label in _OFFERED.items() if fields.get(name)]
        return ", ".join(filter(None, [catalogue.action(_ACTIONS.get(action, action), language()), *chosen]))


def kept_of(request: Request) -> Kept | None:
    """The form that a stranger sent from a page of ours; None for everything else."""
    sent = sent_by_stranger(request)
    if not sent or not is_same_origin(request):
        return None
    address = request.url
    return _kept(f"{address.path}?{address.query}" if address.query else address.path, sent)


def kept_in(fields: Mapping[str, str]) -> Kept | None:
    """The same as the form of the sign-in brought it along."""
    return _kept(local_path(fields.get("ziel", "/")), fields.get("behalten", ""))


def _kept(target: str, sent: str) -> Kept | None:
    try:
        pairs = parse_qsl(sent, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    if not pairs or target == "/" or len(sent) > MAX_FORM_BYTES or SECRETS & {name for name, _ in pairs}:
        return None
    # The word that proves a form belongs to the session that is over.
    return Kept(target=target, fields=urlencode([(name, value) for name, value in pairs if name != "form"]))
