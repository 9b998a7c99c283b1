"""The command line `poststelle`: runs the mail room, and talks to a running one over HTTP."""

import sys

import click

import services
from services.cli.commands.access import account, deputy, key
from services.cli.commands.ask import check, search, send, status
from services.cli.commands.audit import audit
from services.cli.commands.clearing import clearing
from services.cli.commands.configuration import settings_group
from services.cli.commands.dead import dead
from services.cli.commands.exchange.procedures import procedure
from services.cli.commands.judgements.classification import classification
from services.cli.commands.judgements.reclassify import reclassify
from services.cli.commands.plan import plan
from services.cli.commands.rebuilding import rebuild
from services.cli.commands.receipts.books import balance, reconcile
from services.cli.commands.receipts.coversheet import coversheet
from services.cli.commands.receipts.report import report
from services.cli.commands.receipts.sealed import sealed
from services.cli.commands.receipts.tracing import why
from services.cli.commands.receipts.transfer import transfer_notes
from services.cli.demo.command import demo
from services.cli.errors import exit_code_of, sentence_of
from services.cli.importing.command import import_mail
from services.cli.installation.keeping import backup, restore
from services.cli.installation.prepare import prepare
from services.cli.installation.rights import rights
from services.cli.installation.run import run
from services.cli.installation.topics import topics


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(services.__version__, prog_name="poststelle")
def commands() -> None:
    """Poststelle, the mail room of a digital city hall."""


for command in (
    run,
    prepare,
    demo,
    send,
    import_mail,
    coversheet,
    status,
    search,
    transfer_notes,
    why,
    check,
    rebuild,
    reconcile,
    balance,
    report,
    reclassify,
    classification,
    clearing,
    dead,
    sealed,
    backup,
    restore,
    plan,
    account,
    deputy,
    key,
    procedure,
    audit,
    topics,
    rights,
    settings_group,
):
    commands.add_command(command)


def main() -> None:
    """Run a command; failures become one sentence and the exit code of the contract."""
    try:
        sys.exit(commands(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        click.echo(f"poststelle: {sentence_of(error)}", err=True)
        sys.exit(code)
