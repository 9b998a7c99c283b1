"""Every sentence about a problem, a reason or a refusal, in German and English; nothing else is ever shown of one."""

from typing import Literal, cast

from services.core.vocabulary import Problem

Language = Literal["de", "en"]

PROBLEMS: dict[str, tuple[str, str]] = {
    "empty": ("Die Datei ist leer.", "The file is empty."),
    "broken": ("Die Datei ist beschädigt und kann nicht gelesen werden.", "The file is damaged and cannot be read."),
    "encrypted": (
        "Verschlüsselt oder mit einem Kennwort geschützt: Der Inhalt ist hier nicht lesbar.",
        "Encrypted or protected by a password: its content cannot be read here.",
    ),
    "too_large": ("Die Datei ist zu groß zum Lesen.", "The file is too large to be read."),
    "too_deep": ("Die Datei ist zu tief verschachtelt.", "The file is nested too deeply."),
    "too_many_parts": ("Die Datei hat zu viele Teile.", "The file has too many parts."),
    "partial": (
        "Nur ein Teil einer geteilten Nachricht: Anlagen sind erst lesbar, wenn der Absender sie ungeteilt schickt.",
        "Only a part of a message that was split: attachments can be read once the sender sends it whole.",
    ),
    "too_slow": ("Das Lesen der Datei hat zu lange gedauert.", "Reading the file took too long."),
    "bomb": ("Die Datei bläht sich beim Öffnen übermäßig auf.", "The file expands beyond measure when opened."),
    "infected": ("In der Datei wurde Schadsoftware gefunden.", "Malware was found in the file."),
    "unsupported": ("Das Format der Datei wird nicht unterstützt.", "The format of the file is not supported."),
    "no_text": ("In der Datei wurde kein Text gefunden.", "No text was found in the file."),
    "illegible": (
        "Nicht lesbar: Auf der Seite wurde nur Unleserliches erkannt. Bitte am Bild prüfen.",
        "Not legible: only noise was recognised on the page. Please look at the picture.",
    ),
    "damaged": (
        "Das gespeicherte Original fehlt oder ist nicht mehr das, was gespeichert wurde.",
        "The stored original is missing or no longer what was stored.",
    ),
    "ocr_unavailable": (
        "Die Texterkennung steht nicht zur Verfügung; die Seiten warten.",
        "Text recognition is not available; the pages wait.",
    ),
    "sheets_differ": (
        "Die Blattzahl geht nicht auf: Bitte den Stapel prüfen und die Prüfung durch eine Entscheidung bestätigen.",
        "The sheets do not add up: please check the batch, and confirm it by a decision.",
    ),
}
"""Problems of a document: it is kept, findable and on a clerk's list."""

REASONS: dict[str, tuple[str, str]] = {
    "number": ("Aktenzeichen im Dokument", "File number in the document"),
    "thread": ("Antwort auf ein abgelegtes Dokument", "Reply to a filed document"),
    "rule": ("Regel des Aktenplans", "Rule of the file plan"),
    "learned": ("Wörter, wie sie in Briefen zu dieser Position stehen", "Words as in letters to this position"),
    "neighbour": ("Ähnliche Dokumente liegen dort", "Similar documents lie there"),
    "cover_sheet": ("Deckblatt", "Cover sheet"),
    "address": ("Adresse des Empfängers", "Address of the recipient"),
    "sender": ("Frühere Post dieses Absenders liegt dort", "Earlier post of this sender lies there"),
    "frequent": ("Dorthin wurde zuletzt öfter entschieden", "Lately often decided so"),
    "procedure": ("Angabe des Fachverfahrens", "Named by the specialist procedure"),
    "reference": ("Zeichen eines Fachverfahrens im Dokument", "Reference of a specialist procedure in the document"),
    "leitweg_id": ("Zuständig nach der Leitweg-ID", "Responsible by the Leitweg-ID"),
    "order_number": (
        "Zuständig nach früheren Rechnungen zu dieser Bestellung",
        "Responsible by earlier invoices of this order",
    ),
    "supplier": (
        "Zuständig nach früheren Rechnungen dieses Lieferanten",
        "Responsible by earlier invoices of this supplier",
    ),
    "unsure": ("Keine sichere Zuordnung gefunden", "No certain place was found"),
    "unknown_number": ("Das genannte Aktenzeichen gibt es nicht", "The file number named does not exist"),
    "conflicting": ("Mehrere Zuordnungen widersprechen sich", "Several places contradict each other"),
    "no_text": ("Das Dokument enthält keinen lesbaren Text", "The document has no readable text"),
    "closed_position": ("Die Position im Aktenplan ist geschlossen", "The position of the file plan is closed"),
    "no_case": ("Der Vorgang in der Akte steht nicht fest", "Which Vorgang of the file it is, is not certain"),
    "foreign_place": (
        "Das Fachverfahren nennt eine Position, an der es nicht ablegen darf",
        "The specialist procedure names a place where it may not file",
    ),
    "system_notice": ("Systemnachricht (Zustellbericht, Abwesenheit)", "System notice (delivery report, absence)"),
    "advertising": ("Werbung oder Rundschreiben", "Advertising or a circular"),
    "separated": ("Der Stapel wurde in seine Schriftstücke getrennt", "The batch was separated into its documents"),
    "superseded": (
        "Die Seiten gehören jetzt zu anderen Schriftstücken",
        "Its pages belong to other documents now",
    ),
    "sheets_differ": ("Die Blattzahl des Stapels geht nicht auf", "The sheets of the batch do not add up"),
    "cover_faulty": ("Das Deckblatt ist fehlerhaft", "The cover sheet is faulty"),
    "rejected": ("Das Fachverfahren hat es abgelehnt", "The specialist procedure rejected it"),
    "unanswered": (
        "Das Fachverfahren hat es auch nach einer Erinnerung nicht übernommen",
        "The specialist procedure did not take it over, not even after a reminder",
    ),
    "reopened": ("Von einer Person zurückgelegt", "Put back by a person"),
}
"""Why a document was filed where it is, or why it waits for a clerk."""

STATES: dict[str, tuple[str, str]] = {
    "received": ("eingegangen", "received"),
    "reading": ("wird gelesen", "being read"),
    "classifying": ("wird zugeordnet", "being classified"),
    "filing": ("wird abgelegt", "being filed"),
    "held": ("wartet auf Entscheidung", "waits for a decision"),
    "filed": ("abgelegt", "filed"),
    "no_record": ("nicht aktenrelevant", "no record"),
    "erased": ("gelöscht", "erased"),
}

REFUSALS: dict[str, tuple[str, str]] = {
    "not_found": ("Nicht gefunden.", "Not found."),
    "unauthorised": ("Bitte anmelden.", "Please sign in."),
    "forbidden": ("Dazu fehlt die Berechtigung.", "You have no right to do this."),
    "too_large": ("Die Sendung ist zu groß.", "The delivery is too large."),
    "empty": ("Die Sendung ist leer.", "The delivery is empty."),
    "wrong_media_type": ("Dieser Inhaltstyp wird hier nicht angenommen.", "This content type is not accepted here."),
    "timed_out": ("Die Übertragung hat zu lange gedauert.", "The transfer took too long."),
    "network_refused": ("Aus diesem Netz wird keine Post angenommen.", "Mail from this network is not accepted."),
    "recipient_unknown": ("Dieser Empfänger gehört nicht zu uns.", "This recipient is not ours."),
    "too_many_recipients": ("Die Sendung hat zu viele Empfänger.", "The delivery has too many recipients."),
    "recipient_excluded": (
        "Post an dieses Postfach wird nicht erfasst und nicht aufbewahrt.",
        "Mail to this mailbox is not captured and not kept.",
    ),
    "scanner_away": (
        "Der Virenscanner antwortet nicht. Bitte später erneut versuchen.",
        "The malware scanner does not answer. Please try again later.",
    ),
    "sealed": (
        "In diesem Dokument wurde Schadsoftware gefunden. Es ist versiegelt und wird nicht herausgegeben.",
        "Malware was found in this document. It is sealed and given to nobody.",
    ),
    "not_sealed": ("Dieses Dokument ist nicht versiegelt.", "This document is not sealed."),
    "signatures_not_newer": (
        "Der Virenscanner findet nichts mehr, aber ohne neuere Signaturen als zuvor.",
        "The malware scanner finds nothing any more, but its signatures are no newer than before.",
    ),
    "still_infected": (
        "Der Virenscanner findet auch mit den heutigen Signaturen Schadsoftware. Das Dokument bleibt versiegelt.",
        "The scanner still finds malware with the signatures of today. The document stays sealed.",
    ),
    "no_scanner": ("Es ist kein Virenscanner eingerichtet.", "No malware scanner is set up."),
    "report_broken": (
        "Der Journalbericht ist beschädigt und nennt ein Postfach, dessen Post nicht erfasst wird.",
        "The journal report is broken and names a mailbox whose mail is not captured.",
    ),
    "digest_mismatch": ("Die Prüfsumme passt nicht zum Inhalt.", "The digest does not match the content."),
    "sidecar_broken": ("Die Begleitdatei ist nicht lesbar.", "The sidecar cannot be read."),
    "sidecar_alone": ("Zu dieser Begleitdatei fehlt der Scan.", "The scan of this sidecar is missing."),
    "sidecar_missing": ("Zu diesem Scan fehlt die Begleitdatei.", "The sidecar of this scan is missing."),
    "no_file": ("Das ist keine gewöhnliche Datei.", "This is no plain file."),
    "share_away": ("Der Scan-Ordner oder sein inbox fehlt.", "The hot folder or its inbox is not there."),
    "share_full": ("Die Freigabe der Scans ist voll.", "The share of the scans is full."),
    "share_read_only": ("Die Freigabe der Scans ist schreibgeschützt.", "The share of the scans is read-only to us."),
    "share_closed": ("Im Scan-Ordner fehlen uns Rechte.", "We lack rights in the hot folder."),
    "key_reused": (
        "Der Idempotency-Key wurde schon für einen anderen Inhalt benutzt.",
        "The Idempotency-Key was used for other content before.",
    ),
    "bad_request": ("Die Anfrage ist fehlerhaft.", "The request is malformed."),
    "bad_name": (
        "Der Name ist nicht zulässig: nur a bis z, 0 bis 9 und „-“, vorn ein Buchstabe, höchstens 32 Zeichen.",
        "The name is not allowed: only a to z, 0 to 9 and “-”, a letter first, at most 32 characters.",
    ),
    "bad_saved_name": (
        "Eine gespeicherte Suche braucht einen Namen mit höchstens 80 Zeichen.",
        "A saved search needs a name of 80 characters at most.",
    ),
    "too_many_saved": (
        "So viele Suchen lassen sich nicht speichern. Bitte erst eine andere entfernen.",
        "So many searches cannot be saved. Please remove another one first.",
    ),
    "too_many_to_export": (
        "Das sind mehr Treffer, als auf einmal herausgegeben werden. Bitte grenzen Sie die Suche ein.",
        "These are more hits than are given out at one time. Please narrow the search.",
    ),
    "bad_query": ("Die Suchanfrage ist fehlerhaft.", "The query is malformed."),
    "bad_reference": (
        "Das ist weder eine Eingangsnummer noch eine Message-ID noch eine SHA-256-Prüfsumme.",
        "This is neither a receipt number nor a Message-ID nor a SHA-256.",
    ),
    "unknown_account": ("Dieses Konto gibt es nicht.", "There is no such account."),
    "bad_receipt": ("Das ist keine gültige Eingangsnummer.", "This is no valid receipt number."),
    "stale": ("Das Dokument wurde inzwischen geändert. Bitte neu laden.", "The document has changed. Please reload."),
    "version_required": ("Die Version des Dokuments fehlt (If-Match).", "The document version is missing (If-Match)."),
    "bad_note": (
        "Eine Notiz braucht Text, höchstens 2.000 Zeichen.",
        "A note needs text, at most 2,000 characters.",
    ),
    "bad_day": (
        "Die Wiedervorlage liegt in der Vergangenheit oder mehr als zehn Jahre voraus.",
        "The day lies in the past, or more than ten years ahead.",
    ),
    "unknown_clerk": (
        "Dieses Konto gibt es nicht, oder es darf dieses Dokument nicht bearbeiten.",
        "There is no such account, or it may not work on this document.",
    ),
    "too_many_handlings": (
        "An diesem Dokument stehen schon 500 Notizen und Vermerke.",
        "The document has 500 notes and the like already.",
    ),
    "bad_title": (
        "Der Betreff ist zu lang: höchstens 300 Zeichen.",
        "The subject is too long: at most 300 characters.",
    ),
    "unknown_position": ("Diese Position gibt es im Aktenplan nicht.", "The file plan has no such position."),
    "unknown_file": ("Diese Akte gibt es nicht.", "There is no such file."),
    "unknown_case": ("Diesen Vorgang gibt es in der Akte nicht.", "The file has no such Vorgang."),
    "case_required": (
        "Diese Akte ist in Vorgänge geteilt. Bitte einen Vorgang wählen oder einen neuen beginnen.",
        "This file is divided into Vorgänge: name one of them, or a new one.",
    ),
    "no_cases_here": (
        "Diese Akte ist nicht in Vorgänge geteilt.",
        "This file is not divided into Vorgänge.",
    ),
    "closed_position": ("Diese Position des Aktenplans ist geschlossen.", "This position of the file plan is closed."),
    "no_files_here": (
        "Unter dieser Position des Aktenplans werden keine Akten geführt.",
        "No files are kept at this position of the file plan.",
    ),
    "plan_faulty": ("Der Aktenplan hat Fehler und gilt nicht.", "The file plan has faults and is not put in force."),
    "position_in_use": (
        "Unter dieser Position liegen Akten. Sie kann nicht entfallen, nur geschlossen werden.",
        "Files lie at this position: it cannot be removed, only closed.",
    ),
    "bad_rule": (
        "Die Regel braucht Wörter oder eine Adresse, und die Position hat nicht schon dieselbe.",
        "A rule needs words or an address, and the position must not have the same already.",
    ),
    "plan_changed": (
        "Inzwischen gilt ein anderer Aktenplan. Bitte die Änderungen neu ansehen.",
        "Another file plan has come into force. Please look at the changes again.",
    ),
    "model_changed": (
        "Inzwischen gilt ein anderes Modell. Bitte noch einmal versuchen.",
        "Another model has come into force. Please try again.",
    ),
    "no_model": ("Es gilt kein trainiertes Modell.", "No trained model is in force."),
    "training_now": ("Es wird gerade trainiert.", "A training is under way."),
    "unknown_part": ("Diesen Teil hat das Dokument nicht.", "The document has no such part."),
    "unknown_office": ("Dieses Amt gibt es nicht.", "There is no such office."),
    "unknown_procedure": ("Dieses Fachverfahren gibt es nicht.", "There is no such procedure."),
    "already_decided": ("Darüber wurde bereits entschieden.", "This has been decided already."),
    "not_arrangeable": (
        "Neu ordnen lassen sich nur die Seiten eines gescannten PDF oder TIFF.",
        "Only the pages of a scanned PDF or TIFF can be arranged.",
    ),
    "bad_pages": (
        "Jede Seite darf höchstens einmal vorkommen, und jedes Schriftstück braucht mindestens eine.",
        "Each page may stand there at most once, and each document needs at least one.",
    ),
    "pages_unchanged": ("Die Seiten sind schon so geordnet.", "The pages are arranged so already."),
    "erased": ("Das Dokument wurde gelöscht.", "The document was erased."),
    "not_yet": ("Das Dokument ist noch nicht so weit.", "The document has not got that far yet."),
    "record_broken": ("Ein Datensatz ist unlesbar.", "A stored record is unreadable."),
    "unavailable": (
        "Gerade nicht verfügbar. Bitte später erneut versuchen.",
        "Not available now. Please try again later.",
    ),
    "store_full": (
        "Der Speicher ist voll. Bitte später erneut versuchen.",
        "The store is full. Please try again later.",
    ),
    "not_permitted": (
        "Dem Programm fehlt ein Recht auf einem Server; wer ihn betreibt, muss es erteilen.",
        "The program lacks a right on a server; whoever runs it has to grant it (`poststelle rights`).",
    ),
    "busy": ("Gerade ausgelastet. Bitte später erneut versuchen.", "Busy now. Please try again later."),
    "event_newer": ("Ein Ereignis ist neuer als dieses Programm.", "An event is newer than this program."),
    "internal": ("Ein Fehler des Programms; er wurde festgehalten.", "A fault of the program; it was recorded."),
    "session_expired": (
        "Die Sitzung ist abgelaufen. Bitte neu anmelden.",
        "The session has expired. Please sign in again.",
    ),
    "wrong_password": ("Name oder Kennwort ist falsch.", "Name or password is wrong."),
    "weak_password": ("Das Kennwort braucht mindestens zwölf Zeichen.", "The password needs at least 12 characters."),
    "too_many_requests": ("Zu viele Anfragen. Bitte kurz warten.", "Too many requests. Please wait a moment."),
    "already_running": ("Das läuft bereits.", "This is running already."),
    "name_taken": ("Diesen Namen gibt es schon.", "This name exists already."),
    "bad_entry": (
        "Bitte die Eingaben prüfen: Der Name ist nicht zulässig, oder es fehlt ein Recht.",
        "Please check what was entered: the name is not allowed, or a right is missing.",
    ),
    "bad_alert_address": (
        "An diese Adresse darf die Poststelle keine Nachrichten senden.",
        "The mail room may not send messages to this address.",
    ),
    "bad_deputyship": (
        "Eine Vertretung braucht zwei verschiedene Konten und ein Ende, höchstens 366 Tage nach dem Beginn.",
        "A deputyship needs two different accounts, and an end to come within 366 days of its beginning.",
    ),
    "last_administrator": (
        "Das ist das letzte Konto, das verwalten darf. Bitte erst ein anderes dazu berechtigen.",
        "This is the last account that may administer. Please give another one the right first.",
    ),
    "passwords_differ": ("Die beiden Kennwörter stimmen nicht überein.", "The two passwords differ."),
    "bad_form": (
        "Das Formular ist veraltet. Bitte die Seite neu laden.",
        "The form is out of date. Please reload the page.",
    ),
    "foreign_origin": (
        "Diese Anfrage kommt nicht von einer Seite der Poststelle.",
        "This request does not come from a page of the mail room.",
    ),
    "bad_event": ("Das ist kein Ereignis, das hier angenommen wird.", "This is no event that is accepted here."),
    "bad_specversion": ("Das Attribut „specversion“ muss 1.0 sein.", "The attribute “specversion” has to be 1.0."),
    "bad_id": ("Das Attribut „id“ fehlt oder ist ungültig.", "The attribute “id” is missing or invalid."),
    "bad_source": ("Das Attribut „source“ fehlt oder ist ungültig.", "The attribute “source” is missing or invalid."),
    "bad_type": (
        "Das Attribut „type“ nennt kein Ereignis, das ein Fachverfahren schreiben darf.",
        "The attribute “type” names no event that a procedure may write.",
    ),
    "bad_time": (
        "Das Attribut „time“ ist kein Zeitpunkt mit Zeitzone (RFC 3339).",
        "The attribute “time” is no time with an offset (RFC 3339).",
    ),
    "bad_data": (
        "Die Daten des Ereignisses passen nicht zu ihrem Schema.",
        "The event's data do not fit their schema.",
    ),
    "unknown_version": (
        "Diese Version des Ereignisses ist hier noch nicht bekannt.",
        "This version of the event is not known here yet.",
    ),
    "unknown_delivery": (
        "Eine Zustellung mit dieser Kennung gibt es für dieses Verfahren nicht.",
        "There is no delivery of this id for this procedure.",
    ),
    "unknown_upload": (
        "Den hochgeladenen Inhalt gibt es nicht oder nicht mehr.",
        "The uploaded content is not there, or no longer.",
    ),
    "already_answered": (
        "Auf diese Zustellung wurde schon anders geantwortet.",
        "This delivery was answered otherwise before.",
    ),
    "procedure_paused": (
        "Der Austausch mit diesem Verfahren ruht. Bitte später noch einmal.",
        "The exchange with this procedure is paused. Please try again later.",
    ),
    "webhook_address": (
        "Diese Adresse ist kein Webhook: https mit Rechnernamen, ohne Kennwort und Sprungmarke.",
        "This address is no webhook: https with the name of a host, without a password and a fragment.",
    ),
    "webhook_target": (
        "Zu diesem Rechner sind keine Webhooks erlaubt.",
        "The setting procedures.webhook_targets allows no webhook to this host.",
    ),
    "webhook_away": (
        "Der Webhook ist nicht zu erreichen, oder sein Zertifikat gilt hier nicht.",
        "The webhook cannot be reached, or its certificate is not trusted here.",
    ),
    "webhook_silent": ("Der Webhook antwortet nicht in der Zeit.", "The webhook does not answer in time."),
    "webhook_redirected": (
        "Der Webhook leitet weiter; Weiterleitungen folgen wir nicht.",
        "The webhook redirects; redirects are not followed.",
    ),
    "webhook_gone": ("Der Webhook will nichts mehr (410).", "The webhook wants nothing more (410)."),
    "webhook_refused": ("Der Webhook weist das Ereignis ab (4xx).", "The webhook refuses the event (4xx)."),
    "webhook_failed": ("Der Webhook meldet einen Fehler (5xx).", "The webhook answers with an error (5xx)."),
    "webhook_secret": (
        "Das Geheimnis des Webhooks gilt nicht mehr. Bitte ein neues vergeben.",
        "The secret of the webhook is not valid any more: http.session_secret_file was changed. Give it another one.",
    ),
    "submission_reused": (
        "Diese Kennung wurde schon für einen anderen Inhalt benutzt.",
        "This submission's id was used for other content before.",
    ),
    "beyond_window": (
        "So weit reicht der Posteingang nicht. Bitte ohne Cursor neu beginnen.",
        "The inbox does not hold this place. Please begin without a cursor.",
    ),
    "bad_link": ("Der Einmal-Link ist ungültig oder verbraucht.", "The one-time link is invalid or used up."),
}
"""Answers to a sender or a clerk whose request is not carried out."""

QUERY_FAULTS: dict[str, tuple[str, str]] = {
    "open_quote": ("Ein Anführungszeichen ist nicht geschlossen.", "A quotation mark is not closed."),
    "unknown_field": ("Dieses Suchfeld gibt es nicht.", "There is no such field."),
    "unknown_value": ("Dieser Wert passt nicht zum Suchfeld.", "The field has no such value."),
    "field_empty": ("Hinter dem Suchfeld fehlt ein Wort.", "A word is missing behind the field."),
    "filter_alone": (
        "Dieses Suchfeld kann nicht mit ODER oder „-“ stehen.",
        "This field goes neither with OR nor with “-”.",
    ),
    "only_negation": ("Es fehlt ein Wort, nach dem gesucht wird.", "There is no word to search for."),
    "negated_or": ("Ein ausgeschlossenes Wort kann nicht mit ODER stehen.", "An excluded word does not go with OR."),
    "dangling_or": ("ODER steht zwischen zwei Wörtern.", "OR stands between two words."),
    "star_inside": (
        "Der Stern steht am Ende eines Wortes mit mindestens zwei Zeichen.",
        "The star stands behind a word of at least two characters.",
    ),
    "not_for_procedures": (
        "Nach Eingangsweg, Jahr, Bearbeitung und Wiedervorlage kann ein Fachverfahren nicht suchen lassen.",
        "A procedure cannot have a search by way of arrival, year, clerk or day to look again.",
    ),
    "no_words": ("Die Suchanfrage enthält kein Wort.", "The query has no word."),
    "too_long": ("Die Suchanfrage ist zu lang.", "The query is too long."),
    "too_many_words": ("Die Suchanfrage hat zu viele Wörter.", "The query has too many words."),
}
"""What is wrong with a query, beside the position where."""

CHANNELS: dict[str, tuple[str, str]] = {
    "mail": ("E-Mail", "e-mail"),
    "scan": ("Scan", "scan"),
    "procedure": ("Fachverfahren", "specialist procedure"),
}

STAGES: dict[str, tuple[str, str]] = {
    "received": ("Eingegangen", "Received"),
    "extracted": ("Gelesen", "Read"),
    "classified": ("Zuordnung geprüft", "Classified"),
    "decided": ("Entschieden", "Decided"),
    "filed": ("Abgelegt", "Filed"),
    "held": ("Zur Entscheidung vorgelegt", "Held for a decision"),
    "referenced": ("Vom Fachverfahren übernommen", "Taken over by a specialist procedure"),
    "titled": ("Betreff geändert", "Subject changed"),
    "noted": ("Notiz geschrieben", "Note written"),
    "due": ("Wiedervorlage", "To be looked at again"),
    "due_done": ("Wiedervorlage erledigt", "No longer to be looked at again"),
    "in_charge": ("Zugewiesen", "Assigned"),
    "nobody_in_charge": ("Niemandem mehr zugewiesen", "Assigned to nobody any more"),
    "no_record": ("Als nicht aktenrelevant vermerkt", "Noted as no record"),
    "erased": ("Gelöscht", "Erased"),
}
"""Stops of a document's journey."""

ACTIONS: dict[str, tuple[str, str]] = {
    "file": ("ablegen", "file"),
    "move": ("umlegen", "move"),
    "no_record": ("nicht aktenrelevant", "no record"),
    "assign": ("einem Amt zuweisen", "assign to an office"),
    "reopen": ("erneut vorlegen", "reopen"),
    "arrange": ("Seiten neu geordnet", "pages arranged"),
    "supersede": ("Seiten einem anderen Schriftstück gegeben", "pages given to another document"),
}
"""What a person decided."""

DEATHS: dict[str, tuple[str, str]] = {
    "bug": ("Der Dienst ist daran gescheitert.", "The service failed on it."),
    "passed_over": (
        "Es wurde ungelesen beiseitegelegt, weil die Verwaltung es so angeordnet hat.",
        "It was set aside untouched because an administrator said so.",
    ),
    "attempts_exhausted": (
        "Das Programm ist mehrmals daran gestorben; es wurde ungelesen beiseitegelegt.",
        "The program died of it several times; it was set aside untouched.",
    ),
    "schema": ("Die Angaben des Ereignisses sind fehlerhaft.", "The event's data breaks its schema."),
    "unknown_type": ("Diese Art von Ereignis ist unbekannt.", "The type of the event is unknown."),
    "headers": ("Die Kopfzeilen des Ereignisses sind unlesbar.", "The event's headers are unreadable."),
    "no_cloudevent": ("Das ist kein Ereignis der Poststelle.", "This is no event of ours."),
    "source": ("Der Absender des Ereignisses ist fehlerhaft.", "The event's source is malformed."),
    "time": ("Die Zeitangabe des Ereignisses ist fehlerhaft.", "The event's time is malformed."),
    "record_broken": ("Die beiseitegelegte Kopie ist unlesbar.", "The sealed copy is unreadable."),
}
"""Why a service gave a delivery up."""

SERVICES: dict[str, tuple[str, str]] = {
    "extraction": ("darauf, gelesen zu werden", "to be read"),
    "ocr": ("auf die Texterkennung", "for text recognition"),
    "classification": ("auf die Zuordnung", "to be classified"),
    "filing": ("auf die Ablage", "to be filed"),
    "indexing": ("auf das Suchverzeichnis", "for the index"),
}
"""What a document waits for, by the service whose turn it is."""

TRACES: dict[str, tuple[str, str]] = {
    "not_received": (
        "Hier ist nichts eingegangen, was Sie sehen dürfen.",
        "Nothing came in here that you may see.",
    ),
    "waiting": ("Es ist da und wartet {service}.", "It is here and waits {service}."),
    "stopped": (
        "Es ist da, aber ein Verarbeitungsfehler hält es auf; wer die Poststelle betreibt, kann es erneut vorlegen.",
        "It is here, but a processing error holds it up; an operator can replay it (`poststelle dead`).",
    ),
    "problem": (
        "Es ist da, konnte aber nicht ganz gelesen werden: Nach seinen Wörtern findet es die Suche vielleicht nicht.",
        "It is here, but could not be read in full: a search by its words may miss it.",
    ),
    "no_right": (
        "Es ist da, aber dieses Konto darf es nicht sehen.",
        "It is here, but this account may not see it.",
    ),
    "erased": ("Es war da und wurde gelöscht.", "It was here and has been erased."),
    "set_aside": (
        "Es ist da und wurde als nicht aktenrelevant vermerkt; die Suche findet es.",
        "It is here and was set aside as no record; the search finds it.",
    ),
    "indexed": ("Es ist da, und die Suche findet es.", "It is here, and the search finds it."),
}
"""Why somebody does not find what they look for."""

_REPLAY = (
    "Fehler beheben (Protokollzeile „bug“ mit dieser Kennung), Programm aktualisieren, dann erneut vorlegen.",
    "Remove the bug (the log's line `bug` with this id), update the program, then replay.",
)
_ASK = (
    "Ein Programm hat etwas Fremdes in dieses Thema geschrieben. Herkunft klären; das Dokument selbst ist unberührt.",
    "Something foreign was written to this topic. Find out by whom; the document itself is untouched.",
)
_RESTORE = (
    "Ablage prüfen und die Datei aus der Sicherung zurückholen.",
    "Check the store, and restore the file from the backup.",
)
_ADVICE = {"bug": _REPLAY, "attempts_exhausted": _REPLAY, "passed_over": _REPLAY, "record_broken": _RESTORE}


def refusal(code: str, language: Language = "de") -> str:
    """The sentence for a refused request; an unknown code gets the sentence for a fault of ours."""
    return _pick(REFUSALS.get(code) or PROBLEMS.get(code) or REFUSALS["internal"], language)


def text(code: str, language: Language = "de") -> str:
    """The sentence for a problem, reason, state or channel; the code itself where there is none."""
    for texts in (PROBLEMS, REASONS, STATES, CHANNELS):
        if code in texts:
            return _pick(texts[code], language)
    return code


def stage(code: str, language: Language = "de") -> str:
    """The sentence for a stop of a journey."""
    return _pick(STAGES.get(code, (code, code)), language)


def action(code: str, language: Language = "de") -> str:
    """The sentence for what a person decided."""
    return _pick(ACTIONS.get(code, (code, code)), language)


def query_fault(code: str, language: Language = "de") -> str:
    """The sentence for what is wrong with a query."""
    return _pick(QUERY_FAULTS.get(code, REFUSALS["bad_query"]), language)


def death(code: str, language: Language = "de") -> str:
    """The sentence for why a delivery was given up."""
    return _pick(DEATHS.get(code, (code, code)), language)


def advice(code: str, language: Language = "de") -> str:
    """What to do about a delivery that was given up for this."""
    return _pick(_ADVICE.get(code, _ASK), language)


def trace(outcome: str, service: str = "", language: Language = "de") -> str:
    """Why somebody does not find it; `service` is where it waits."""
    return _pick(TRACES[outcome], language).format(service=_pick(SERVICES.get(service, (service, service)), language))


def reason(code: str, language: Language = "de") -> str:
    """The sentence for a reason; it differs from the problem of the same code."""
    return _pick(REASONS.get(code, (code, code)), language)


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language == "de" else pair[1]


def known_problem(code: str | None) -> Problem | None:
    """The problem under this code; one that we have no sentence for says that the file could not be read."""
    if code is None or code in PROBLEMS:
        return cast("Problem | None", code)
    return "broken"
