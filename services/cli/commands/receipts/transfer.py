"""How a document came from paper."""

from typing import Any

import click

from services.cli.client import connect, instance_options


@click.command("transfer-notes")
@click.argument("document")
@instance_options
def transfer_notes(document: str, **options: Any) -> None:
    """Tell how a document came from paper: device, operator, settings, pages, checks (TR-RESISCAN).

    With --json as it is kept. Exit code 1 where it did not come from a scanner.
    """
    instance = connect(**options)
    answer = instance.get(f"/documents/{document}/transfer-notes")
    instance.show(answer)
    for note in answer["items"]:
        pages, check = note["pages"], note["check"]
        instance.say(f"{note['receipt']}: {note['completeness']['state']}, quality {check['result']}")
        instance.say(f"  scanned: {note['scanned_at'] or '-'} by {note['operator'] or '-'} on {note['device'] or '-'}")
        instance.say(f"  pages: {pages['scanned']} in, {pages['in_documents']} in documents, {pages['blank']} blank")
        instance.say(f"  sha256: {note['integrity']['sha256']} ({note['integrity']['outcome']})")
        if note["missing"]:
            instance.say(f"  nobody told: {', '.join(one['code'] for one in note['missing'])}")
    if not answer["items"]:
        raise click.exceptions.Exit(1)
