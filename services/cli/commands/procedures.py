"""Specialist procedures: which there are, and what each is given."""

import json
from typing import Any

import click

from services.cli.client import connect, instance_options
from services.core.errors import Rejected
from services.core.messages.procedures import NAME


@click.group()
def procedure() -> None:
    """Specialist procedures (Fachverfahren) that take part."""


@procedure.command("add")
@click.argument("name")
@click.option("--position", "positions", multiple=True, help="Gets what is filed at or below it; may be repeated.")
@click.option("--office", "offices", multiple=True, help="Gets what is filed with this office; may be repeated.")
@click.option("--owner", "office", default="poststelle", show_default=True, help="Office of what it submits.")
@instance_options
def add(name: str, **options: Any) -> None:
    """Register a procedure, or change what it is given."""
    if not NAME.fullmatch(name):  # said here, as the name is part of an address: one with a slash leads elsewhere
        raise Rejected("bad_name")
    body = {field: options.pop(field) for field in ("positions", "offices", "office")}
    instance = connect(**options)
    instance.show(instance.put(f"/procedures/{name}", json.dumps(body).encode()))
    instance.say(f"{name} takes part. Make its key: poststelle key add {name} --procedure {name}")


@procedure.command("list")
@instance_options
def listed(**options: Any) -> None:
    """Print all procedures."""
    instance = connect(**options)
    answer = instance.get("/procedures")
    instance.show(answer)
    for item in answer["items"]:
        instance.say(f"{item['name']}\t{' '.join([*item['positions'], *item['offices']]) or 'nothing'}")
