"""The topics of a city's brokers: compared with the map of the pipeline, and made so."""

import click

from services import settings as settings_page
from services import stack
from services.cli.errors import FAILED
from services.cli.output import Output, output_options


@click.group("topics")
def topics() -> None:
    """Topics on the brokers of the kafka stack; deploy/topics.yaml tells how each must be."""


@topics.command("apply")
@output_options
def apply(**how: bool) -> None:
    """Make the topics that are missing and set what differs. Safe to repeat."""
    output, done = Output(**how), stack.kafka_topics(settings_page.load(), apply=True)
    for line in done or ["every topic was there, as it has to be"]:
        output.say(line)
    output.show({"done": done})


@topics.command("check")
@output_options
def check(**how: bool) -> None:
    """Compare the topics with the map; 1 where something differs. Nothing is changed."""
    output, wrong = Output(**how), stack.kafka_topics(settings_page.load(), apply=False)
    for line in wrong or ["every topic is there, as it has to be"]:
        output.say(line)
    output.show({"wrong": wrong})
    if wrong:
        raise click.exceptions.Exit(FAILED)
