"""The sentences that a page shows once, after a form."""

from services.runtime.translation.speaking import gettext_noop as _

NOTES = {
    "signed_out": _("Sie sind abgemeldet."),
    "password_set": _("Das Kennwort ist gesetzt. Willkommen."),
    "document_unsealed": _("Das Dokument ist freigegeben und wird jetzt gelesen."),
    "account_changed": _("Das Konto ist geändert."),
    "key_revoked": _("Der Schlüssel ist zurückgezogen."),
    "decided_file": _("Die Entscheidung ist gespeichert."),
    "decided_no_record": _("Das Dokument ist als nicht aktenrelevant vermerkt."),
    "decided_several": _("Die Entscheidungen sind gespeichert."),
    "decided_assign": _("Das Dokument ist dem Amt zugewiesen."),
    "postponed_file": _("Das Dokument wird gleich abgelegt."),
    "postponed_no_record": _("Das Dokument wird gleich als nicht aktenrelevant vermerkt."),
    "postponed_assign": _("Das Dokument wird gleich dem Amt zugewiesen."),
    "postponed_several": _("Die Entscheidungen werden gleich ausgeführt."),
    "taken_back": _("Rückgängig gemacht: Das Dokument liegt wieder im Posteingang."),
    "taken_back_several": _("Rückgängig gemacht: Die Dokumente liegen wieder im Posteingang."),
    "too_late": _("Die Entscheidung ist schon ausgeführt. Das Dokument lässt sich zurück in den Posteingang holen."),
    "own_password": _("Ihr Kennwort ist geändert. Alle anderen Sitzungen sind beendet."),
    "own_keys": _("Gespeichert."),
    "signed_out_elsewhere": _("Sie sind überall sonst abgemeldet."),
    "search_mail": _(
        "Gespeichert. Gemeldet wird höchstens stündlich, ohne Inhalte; eine leere Adresse schaltet es ab."
    ),
    "search_saved": _("Die Suche ist gespeichert. Was sie von jetzt an findet, steht hier als neu."),
    "search_seen": _("Als gesehen vermerkt."),
    "search_removed": _("Die Suche ist entfernt."),
    "handled_note": _("Die Notiz ist gespeichert."),
    "handled_due": _("Die Wiedervorlage ist vermerkt."),
    "handled_due_done": _("Die Wiedervorlage ist erledigt."),
    "handled_clerk": _("Das Dokument ist zugewiesen."),
    "handled_clerk_done": _("Das Dokument ist niemandem mehr zugewiesen."),
    "title_changed": _("Der Betreff ist geändert."),
    "replayed": _(
        "Wird erneut bearbeitet. Was gelingt, verschwindet aus der Liste; was wieder scheitert, bleibt darin."
    ),
    "rule_changed": _("Die Regeln sind geändert und gelten ab jetzt."),
    "plan_activated": _("Die neue Fassung des Aktenplans gilt ab jetzt."),
    "plan_followed": _("Die neue Fassung des Aktenplans gilt ab jetzt. Die Suche zieht von selbst nach."),
    "plan_dropped": _("Die hochgeladene Fassung ist verworfen. Nichts ist geändert."),
    "pages_arranged": _("Die Seiten werden neu geordnet. Die Schriftstücke erscheinen gleich im Posteingang."),
    "decided_reopen": _("Das Dokument liegt wieder im Posteingang."),
    "own_language": _("Ihre Seiten erscheinen jetzt auf Deutsch."),
}
"""What was just done, by the code in the cookie that the next page reads."""
