"""What kind of letter it is, by its content: an application, an objection, an invoice, advertising."""

import re
from collections.abc import Iterable

from services.core.plan.file_plan import folded
from services.core.vocabulary import LetterKind

_LOOKED_AT = 3_000
"""Characters: the kind stands in the subject or in the first sentences."""
_ENOUGH = 2
"""Signs that make a kind; a subject counts twice."""


def _listed(signs: str) -> tuple[str, ...]:
    return tuple(sign.strip() for sign in signs.split(","))


_SIGNS: dict[LetterKind, tuple[str, ...]] = {
    "court_letter": _listed(
        "amtsgericht, verwaltungsgericht, landgericht, sozialgericht, finanzgericht, in dem rechtsstreit, "
        "klageschrift, ladung zum termin, beschluss des, vollstreckungsgericht "
    ),
    "objection": _listed("widerspruch, einspruch, lege ich widerspruch, lege ich einspruch, fechte, remonstration "),
    "reminder": _listed("mahnung, zahlungserinnerung, letzte mahnung, ueberfaellig, mahngebuehr, noch offen "),
    "invoice": _listed(
        "rechnung, rechnungsnummer, rechnungsdatum, zahlungsziel, nettobetrag, umsatzsteuer, ust idnr, "
        "leistungszeitraum, zahlbar bis "
    ),
    "appointment": _listed(
        "terminvereinbarung, terminabsage, termin verschieben, terminbestaetigung, einladung, um einen "
        "termin, termin vereinbaren "
    ),
    "application": _listed(
        "antrag, beantrage, beantragen, stelle ich den antrag, antragsteller, antragstellerin, bewerbung, "
        "anmeldung, hiermit melde ich "
    ),
    "notice": _listed(
        "mitteilung, teile ich ihnen mit, teilen wir ihnen mit, anzeige, hinweis, zur kenntnis, bescheid "
    ),
    "advertising": _listed(
        "newsletter, abbestellen, abmelden, unsubscribe, jetzt bestellen, rabatt, sonderangebot, gratis, "
        "kostenlose demo, webinar, jetzt sichern, unser angebot des monats, nur fuer kurze zeit, im browser "
        "ansehen, sie erhalten diese e mail, exklusiv fuer sie, jetzt testen, prozent sparen, early bird, "
        "fruehbucher, messestand, unverbindlich testen "
    ),
}
"""Folded words and phrases; of several kinds the one with most signs, of equal ones the first."""
_BEGINNING = 4
_BY_BEGINNING: dict[str, list[tuple[LetterKind, str]]] = {}
"""The signs by the first letters of their first word: a letter has few of them, and is not searched for the others."""
for _kind, _signs in _SIGNS.items():
    for _sign in _signs:
        _BY_BEGINNING.setdefault(_sign.split()[0][:_BEGINNING], []).append((_kind, f" {_sign}"))
_BULK = re.compile(r"https?://\S*(?:unsubscribe|abmelden|newsletter|utm_)", re.IGNORECASE)


def kind_of(title: str, texts: Iterable[str], *, automatic: bool) -> LetterKind | None:
    """The kind, where enough signs of one stand in the letter."""
    if automatic:
        return "system_notice"
    text = next((one for one in texts if one.strip()), "")[:_LOOKED_AT]
    subject, body = folded(title[:_LOOKED_AT]), folded(text)
    counts: dict[LetterKind, int] = dict.fromkeys(_SIGNS, 0)
    beginnings = {word[:_BEGINNING] for word in f"{subject}{body}".split()}
    for beginning in beginnings & _BY_BEGINNING.keys():
        for kind, sign in _BY_BEGINNING[beginning]:
            counts[kind] += 2 * (sign in subject) + (sign in body)
    counts["advertising"] += 2 * bool(_BULK.search(text))
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] >= (_ENOUGH + (best == "advertising")) else None
