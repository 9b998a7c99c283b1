"""German sentences for the rules of EN 16931, whose own are English; those of XRechnung are German as they come.

A rule without a sentence here is told by its family, with the English sentence behind it: the id is what a supplier's
program understands.
"""

import re

_BRACKETED = re.compile(r"^\s*\[[^\]]{1,40}\]\s*-?\s*")

_SENTENCES = {
    "BR-01": "Die Spezifikation, der die Rechnung folgt (BT-24), fehlt.",
    "BR-02": "Die Rechnungsnummer (BT-1) fehlt.",
    "BR-03": "Das Rechnungsdatum (BT-2) fehlt.",
    "BR-04": "Die Art der Rechnung (BT-3) fehlt.",
    "BR-05": "Die Währung (BT-5) fehlt.",
    "BR-06": "Der Name des Verkäufers (BT-27) fehlt.",
    "BR-07": "Der Name des Käufers (BT-44) fehlt.",
    "BR-08": "Die Anschrift des Verkäufers (BG-5) fehlt.",
    "BR-09": "Das Land in der Anschrift des Verkäufers (BT-40) fehlt.",
    "BR-10": "Die Anschrift des Käufers (BG-8) fehlt.",
    "BR-11": "Das Land in der Anschrift des Käufers (BT-55) fehlt.",
    "BR-12": "Die Summe der Positionen (BT-106) fehlt.",
    "BR-13": "Die Summe ohne Umsatzsteuer (BT-109) fehlt.",
    "BR-14": "Die Summe mit Umsatzsteuer (BT-112) fehlt.",
    "BR-15": "Der fällige Betrag (BT-115) fehlt.",
    "BR-16": "Die Rechnung hat keine Position (BG-25).",
    "BR-17": "Der Name des Zahlungsempfängers (BT-59) fehlt.",
    "BR-21": "Eine Position hat keine Nummer (BT-126).",
    "BR-22": "Eine Position hat keine Menge (BT-129).",
    "BR-23": "Eine Position hat keine Einheit der Menge (BT-130).",
    "BR-24": "Eine Position hat keinen Nettobetrag (BT-131).",
    "BR-25": "Eine Position hat keine Bezeichnung (BT-153).",
    "BR-26": "Eine Position hat keinen Einzelpreis (BT-146).",
    "BR-27": "Ein Einzelpreis (BT-146) ist negativ.",
    "BR-28": "Ein Bruttopreis (BT-148) ist negativ.",
    "BR-29": "Der Abrechnungszeitraum endet, bevor er beginnt (BT-73, BT-74).",
    "BR-30": "Der Zeitraum einer Position endet, bevor er beginnt (BT-134, BT-135).",
    "BR-31": "Ein Abschlag auf die Rechnung hat keinen Betrag (BT-92).",
    "BR-36": "Ein Zuschlag auf die Rechnung hat keinen Betrag (BT-99).",
    "BR-45": "Zu einem Steuersatz fehlt der steuerpflichtige Betrag (BT-116).",
    "BR-46": "Zu einem Steuersatz fehlt der Steuerbetrag (BT-117).",
    "BR-47": "Zu einem Steuersatz fehlt die Kategorie (BT-118).",
    "BR-48": "Der Umsatzsteuersatz (BT-119) fehlt.",
    "BR-49": "Die Art der Zahlung (BT-81) fehlt.",
    "BR-50": "Die Kontonummer (BT-84) fehlt, obwohl eine Überweisung angegeben ist.",
    "BR-61": "Bei einer Überweisung muss die IBAN (BT-84) angegeben sein.",
    "BR-62": "Der elektronischen Adresse des Verkäufers (BT-34) fehlt ihr Schema.",
    "BR-63": "Der elektronischen Adresse des Käufers (BT-49) fehlt ihr Schema.",
    "BR-CO-03": "Leistungsdatum der Steuer (BT-7) und sein Code (BT-8) schließen einander aus.",
    "BR-CO-04": "Eine Position hat keine Kategorie der Umsatzsteuer (BT-151).",
    "BR-CO-09": "Eine Umsatzsteuer-Identifikationsnummer beginnt nicht mit einem Länderkürzel.",
    "BR-CO-10": "Die Summe der Positionen (BT-106) ist nicht die Summe ihrer Nettobeträge (BT-131).",
    "BR-CO-11": "Die Summe der Abschläge (BT-107) stimmt nicht mit den Abschlägen (BT-92) überein.",
    "BR-CO-12": "Die Summe der Zuschläge (BT-108) stimmt nicht mit den Zuschlägen (BT-99) überein.",
    "BR-CO-13": "Die Summe ohne Umsatzsteuer (BT-109) ist nicht Positionen minus Abschläge plus Zuschläge.",
    "BR-CO-14": "Der Umsatzsteuerbetrag (BT-110) ist nicht die Summe der Steuerbeträge je Satz (BT-117).",
    "BR-CO-15": "Die Summe mit Umsatzsteuer (BT-112) ist nicht die ohne (BT-109) plus Umsatzsteuer (BT-110).",
    "BR-CO-16": "Der fällige Betrag (BT-115) ist nicht Summe (BT-112) minus Gezahltes (BT-113) plus Rundung (BT-114).",
    "BR-CO-17": "Ein Steuerbetrag (BT-117) ist nicht der steuerpflichtige Betrag (BT-116) mal dem Steuersatz (BT-119).",
    "BR-CO-18": "Die Aufschlüsselung der Umsatzsteuer (BG-23) fehlt.",
    "BR-CO-25": "Weder Fälligkeit (BT-9) noch Zahlungsbedingungen (BT-20) sind angegeben.",
    "BR-CO-26": "Der Verkäufer ist nicht bestimmbar: Kennung (BT-29), Register (BT-30) oder USt-IdNr. (BT-31) fehlt.",
}
_FAMILIES = (
    ("BR-CL-", "Ein Code steht nicht in der Codeliste, die EN 16931 dafür vorsieht."),
    ("BR-DEC-", "Ein Betrag hat mehr als zwei Nachkommastellen."),
    ("BR-S-", "Die Angaben zum Normal- oder ermäßigten Steuersatz (S) passen nicht zusammen."),
    ("BR-Z-", "Die Angaben zum Nullsatz (Z) passen nicht zusammen."),
    ("BR-E-", "Die Angaben zur Steuerbefreiung (E) passen nicht zusammen."),
    ("BR-AE-", "Die Angaben zur Umkehr der Steuerschuld (AE) passen nicht zusammen."),
    ("BR-IC-", "Die Angaben zur innergemeinschaftlichen Lieferung (K) passen nicht zusammen."),
    ("BR-G-", "Die Angaben zur Ausfuhr (G) passen nicht zusammen."),
    ("BR-O-", "Die Angaben „nicht steuerbar“ (O) passen nicht zusammen."),
    ("UBL-", "Der Aufbau der XML-Datei weicht von dem ab, den EN 16931 für UBL vorsieht."),
    ("CII-", "Der Aufbau der XML-Datei weicht von dem ab, den EN 16931 für CII vorsieht."),
    ("PEPPOL-", "Eine Regel von Peppol ist nicht eingehalten."),
)
_GERMAN = ("BR-DE-", "BR-DEX-", "BR-TMP-")


def sentence_of(rule: str, told: str) -> str:
    """What a supplier is told of this rule; `told` is the rule's own sentence."""
    own = _BRACKETED.sub("", told)
    if rule in _SENTENCES:
        return _SENTENCES[rule]
    if rule.startswith(_GERMAN):
        return own or "Eine Regel der XRechnung ist nicht eingehalten."
    family = next((text for begin, text in _FAMILIES if rule.startswith(begin)), "Eine Regel ist nicht eingehalten.")
    return f"{family} ({own})" if own else family
