"""What kind of letter it is, by its content: an application, an objection, an invoice, advertising.

Mails say in their headers that a machine wrote them; what was uploaded, printed or passed on says it in words alone.
"""

import re
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from services.core.language.runs import Runs
from services.core.plan.file_plan import folded, folded_words
from services.core.vocabulary import LetterKind

_LOOKED_AT = 3_000
"""Characters: the kind stands in the subject or in the first sentences."""
_ENOUGH = 2
"""Signs that make a kind; a subject counts twice."""


def _listed(signs: str) -> tuple[str, ...]:
    return tuple(sign.strip() for sign in signs.split(","))


_SIGNS: dict[LetterKind, tuple[str, ...]] = {
    "system_notice": _listed(
        "abwesenheitsnotiz, abwesenheitsassistent, automatische antwort, automatic reply, autoreply, out of office, "
        "undelivered mail, undeliverable, delivery status notification, delivery failure, mail delivery failed, "
        "returned to sender, mailer daemon, mail delivery system, this is the mail system, unzustellbar, "
        "zustellung fehlgeschlagen, nachricht konnte nicht zugestellt, nachricht konnte seit, user unknown, "
        "lesebestaetigung, read receipt, "
        "automatisch erstellte nachricht, automatisch generierte, automatisch erzeugte mail, sent automatically, "
        "automatically generated, do not reply to this, antworten sie nicht auf diese, bin ich nicht im haus, "
        "bin nicht im haus, nicht im buero, nicht am arbeitsplatz, wird nicht weitergeleitet, dmarc, report domain, "
        "aggregate report, backup job, mailbox quota, mailbox is almost full, job completed, cron daemon, "
        "zustellung verzoegert, zustellbericht, erfolgreich zugestellt, could not be delivered, has been delayed, "
        "permanent error, created automatically, no action is required, automatische eingangsbestaetigung, nicht "
        "darauf antworten, bitte nicht antworten, derzeit im urlaub, derzeit nicht erreichbar, wieder erreichbar, "
        "in dringenden faellen wenden, in dieser zeit nicht gelesen, i am out of, cron root "
    ),
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
        "newsletter, abbestellen, hier abmelden, unsubscribe, jetzt bestellen, rabatt, sonderangebot, gratis, "
        "kostenlose demo, webinar, jetzt sichern, unser angebot des monats, nur fuer kurze zeit, im browser "
        "ansehen, sie erhalten diese e mail, exklusiv fuer sie, jetzt testen, prozent sparen, early bird, "
        "fruehbucher, messestand, unverbindlich testen, "
        "aktionspreis, herbstaktion, fruehjahrsaktion, sommeraktion, winteraktion, staffelpreis, "
        "versandkostenfrei, solange der vorrat reicht, unser sortiment, unser katalog, unseren katalog, "
        "gutscheincode, gewinnspiel, gewinnen sie, jetzt anmelden, hier anmelden, hier klicken, jetzt sparen, "
        "sparen sie, sichern sie sich, bestellen sie, testen sie, besuchen sie uns, "
        "ueberzeugen sie sich, freuen sie sich, lernen sie uns kennen, wir beraten sie, beraten sie gern, "
        "marktfuehrer, unser aussendienst, unserem aussendienst, vertriebsteam, ihr vertrieb, kostenfreies ticket, "
        "kostenloses erstgespraech, unverbindliches angebot, unverbindlich und kostenlos, ohne verpflichtung, "
        "nur noch wenige plaetze, keine werbung, vom verteiler, austragen, lesen sie mehr, mehr erfahren, "
        "in dieser ausgabe, zur umfrage, ranking, suchmaschinenoptimierung, auf seite 1, massgeschneidert, "
        "duerfen wir ihnen, darf ich ihnen, moechten wir ihnen, wuerden wir ihnen gern, fuer ihre kommune, "
        "fuer ihre gemeinde, exklusive konditionen, attraktive konditionen, "
        "bestaetigen sie ihre, verifizieren sie, konto wurde gesperrt, konto wurde eingeschraenkt, dauerhaft "
        "geschlossen, innerhalb von 24 stunden, klicken sie, auf den button, auf den link, unter dem folgenden "
        "link, click here, zollgebuehr, lotterie, haben gewonnen, herzlichen glueckwunsch, sofortkredit, ohne "
        "schufa, next of kin, dear friend, million dollar, bitcoin, passwort laeuft, kennwort "
        "laeuft, ihr kennwort, "
        "katalog, unser prospekt, paketpreis, haendlerpreis, sonderpreis, vorzugspreis, messepreis, halben preis, "
        "nachlass bis, nachlass auf, rabattcode, frei haus, versandkosten, ohne versand, ihr team, rufen sie uns an, "
        "wir freuen uns auf sie, wir freuen uns auf ihre bestellung, unsere produkte, unser produkt, unsere loesung, "
        "unserer loesung, unser shop, onlineshop, aus einer hand, massgefertigt, langlebig, preisliste, staffelung, "
        "referenzen auf anfrage, referenzkunden, zufriedene kunden, buchbar ab, werbegeschenk, firmeneindruck, direkt "
        "vom werk, direkt vom hersteller, als hersteller, sofort verfuegbar, sofort lieferbar, ab lager, finanzierung "
        "moeglich, in zahlung, jederzeit kuendbar, jubilaeumsangebot, individuelles angebot, angebot anfordern, "
        "angebot gueltig, muster anfordern, muster senden, kostenlose, kostenfrei, probeabo, live demo, online "
        "schulung, online seminar, praxisseminar, teilnahmezertifikat, empfehlen sie, wir suchen laufend, entdecken "
        "sie, verschoenern sie, profitieren sie, verpassen sie, nutzen sie, erfahren sie, folgen sie uns, linkedin, "
        "instagram, stellenmarkt, top themen, rendite, einlage, garantiert, investieren, btc, wallet, "
        "gehackt, nicht anrufen, sicheren link, melden sie sich erneut, erneut anmelden, verfaellt in, "
        "erlischt in, ist abgelaufen, sprachnachricht, voicemail, expires, search engine, solicitation "
    ),
}
"""Folded words and phrases; of several kinds the one with most signs, of equal ones the first."""


class _Sign(NamedTuple):
    """A sign of a kind as it is looked for in folded text."""

    kind: LetterKind
    text: str
    """Behind a blank, and open at its end: Mahnungen is a sign as Mahnung is."""
    alone: bool
    """Whether it is one word: then a word that begins like it is all there is to find."""


_BEGINNING = 4
_BY_BEGINNING: dict[str, list[tuple[str, _Sign]]] = {}
"""The signs and their longest words, by the first letters of these: no letter has a sign without that word."""
for _kind, _signs in _SIGNS.items():
    for _text in _signs:
        _longest = max(_text.split(), key=len)
        _sign = _Sign(_kind, f" {_text}", _text == _longest)
        _BY_BEGINNING.setdefault(_longest[:_BEGINNING], []).append((_longest, _sign))
_MACHINES = _SIGNS["system_notice"]
_BULK = re.compile(r"https?://\S*(?:unsubscribe|abmelden|newsletter|utm_)", re.IGNORECASE)
_OFFER = re.compile(
    r"\bab (?:nur )?\d[\d.,]* ?(?:€|euro?\b|cent)|\d ?(?:%|prozent) (?:rabatt|auf |sparen)", re.IGNORECASE
)
"""A price to begin with, or a discount."""
_PRICED = ("%", "prozent", "€", "eur", "cent")
"""What a text without an offer may well hold none of: looking for them costs a tenth of what the pattern does."""


def kind_of(title: str, texts: Iterable[str], *, automatic: bool) -> LetterKind | None:
    """The kind, where enough signs of one stand in the letter."""
    if automatic:
        return "system_notice"
    text = next((one for one in texts if one.strip()), "")[:_LOOKED_AT]
    counts: dict[LetterKind, int] = dict.fromkeys(_SIGNS, 0)
    in_title, in_text = _signs_in(title[:_LOOKED_AT]), _signs_in(text)
    for sign in in_title:
        counts[sign.kind] += 2
    for sign in in_text:
        counts[sign.kind] += 1
    # Who sells says so in more than one way; who writes about a newsletter says newsletter twice.
    offered = {sign for sign in (*in_title, *in_text) if sign.kind == "advertising"}
    is_bulk = "://" in text and bool(_BULK.search(text))
    counts["advertising"] = len(offered) + is_bulk + (_offers(title) or _offers(text))
    # A machine's subject says more where it stands first: "AW: Automatische Antwort" is of a person.
    if any(sign.kind == "system_notice" for sign in in_title):
        counts["system_notice"] += folded(title[:_LOOKED_AT]).lstrip().startswith(_MACHINES)
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] >= _ENOUGH + (best == "system_notice") else None


def _offers(text: str) -> bool:
    lower = text.lower()
    return any(map(lower.__contains__, _PRICED)) and bool(_OFFER.search(text))


def _signs_in(text: str) -> list[_Sign]:
    """Each sign of the text once; its words are put together only where a sign of several may stand in it."""
    seen = list(_LIKELY.of(text.split()))
    likely = set(chain.from_iterable(map(_SIGNS_OF, seen)))
    if all(sign.alone for sign in likely):
        return list(likely)
    whole = f" {' '.join(filter(None, map(_WORDS_OF, seen)))} "
    return [sign for sign in likely if sign.alone or sign.text in whole]


def _likely(run: str) -> tuple[tuple[_Sign, ...], str]:
    """The signs whose longest word is one of the run's, or its beginning; and its words, folded."""
    words = folded_words(run)
    signs = tuple(
        sign for word in words for longest, sign in _BY_BEGINNING.get(word[:_BEGINNING], ()) if word.startswith(longest)
    )
    return signs, " ".join(words)


_SIGNS_OF, _WORDS_OF = itemgetter(0), itemgetter(1)


_LIKELY = Runs(_likely)
