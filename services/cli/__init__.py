"""The command line `poststelle`: runs the mail room, and talks to a running one over HTTP."""

import sys
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import cast

import click

import services
from services.cli.errors import exit_code_of, sentence_of

WHERE = {
    "run": "installation.run:run",
    "prepare": "installation.prepare:prepare",
    "demo": "demo.command:demo",
    "send": "commands.ask:send",
    "import": "importing.command:import_mail",
    "coversheet": "commands.receipts.coversheet:coversheet",
    "status": "commands.ask:status",
    "search": "commands.ask:search",
    "transfer-notes": "commands.receipts.transfer:transfer_notes",
    "why": "commands.receipts.tracing:why",
    "check": "commands.ask:check",
    "rebuild": "commands.rebuilding:rebuild",
    "reconcile": "commands.receipts.books:reconcile",
    "balance": "commands.receipts.books:balance",
    "report": "commands.receipts.report:report",
    "reclassify": "commands.judgements.reclassify:reclassify",
    "classification": "commands.judgements.classification:classification",
    "clearing": "commands.clearing:clearing",
    "dead": "commands.dead:dead",
    "sealed": "commands.receipts.sealed:sealed",
    "backup": "installation.keeping:backup",
    "restore": "installation.keeping:restore",
    "plan": "commands.plan:plan",
    "account": "commands.access:account",
    "deputy": "commands.access:deputy",
    "key": "commands.access:key",
    "procedure": "commands.exchange.procedures:procedure",
    "audit": "commands.audit:audit",
    "topics": "installation.topics:topics",
    "rights": "installation.rights:rights",
    "settings": "commands.configuration:settings_group",
}
"""Each command by its name: the module below this one, and what it is called there."""


class Loading(Mapping[str, click.Command]):
    """Each command is loaded when it is called: who asks for a receipt does not wait for the whole mail room."""

    def __getitem__(self, name: str) -> click.Command:
        module, attribute = WHERE[name].split(":")
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(WHERE)

    def __len__(self) -> int:
        return len(WHERE)


@click.group(
    commands=cast("MutableMapping[str, click.Command]", Loading()),  # click adds to it only where it is told to
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(services.__version__, prog_name="poststelle")
def poststelle() -> None:
    """Poststelle, the mail room of a digital city hall."""


def main() -> None:
    """Run a command; failures become one sentence and the exit code of the contract."""
    try:
        sys.exit(poststelle(standalone_mode=False) or 0)
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
