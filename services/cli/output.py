"""What commands print: lines for a person, or one answer as JSON for a program; the same two options everywhere."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """How the caller wants to be answered."""

    as_json: bool
    quiet: bool

    def say(self, line: str, *, err: bool = False) -> None:
        """A line for a person, unless the caller wants JSON or silence."""
        if not self.as_json and not self.quiet:
            click.echo(line, err=err)

    def show(self, answer: dict[str, Any]) -> None:
        """The whole answer, where the caller wants JSON."""
        if self.as_json:
            click.echo(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def output_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command has; they make an `Output`."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")(command)
    return click.option("--quiet", is_flag=True, help="Print nothing but errors.")(command)
