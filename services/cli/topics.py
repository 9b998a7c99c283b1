"""The topics of a city's brokers: compared with the map of the corridor, and made so."""

import click

from services import settings as settings_page
from services import stack
from services.cli.errors import FAILED


@click.group("topics")
def topics() -> None:
    """Topics on the brokers of the kafka stack; deploy/topics.yaml tells how each must be."""


@topics.command("apply")
def apply() -> None:
    """Make the topics that are missing and set what differs. Safe to repeat."""
    done = stack.kafka_topics(settings_page.load(), apply=True)
    for line in done or ["every topic was there, as it has to be"]:
        click.echo(line)


@topics.command("check")
def check() -> None:
    """Compare the topics with the map; 1 where something differs. Nothing is changed."""
    wrong = stack.kafka_topics(settings_page.load(), apply=False)
    for line in wrong or ["every topic is there, as it has to be"]:
        click.echo(line)
    if wrong:
        raise click.exceptions.Exit(FAILED)
