"""Searches that a procedure keeps: it is told of their new hits."""

from typing import Any

import click

from services.cli.client import connect, instance_options, where_not_found
from services.core.errors import Rejected
from services.core.messages.procedures import NAME


@click.group("search")
def procedure_search() -> None:
    """What a procedure looks for: new hits at its places come into its inbox."""


@procedure_search.command("add")
@click.argument("name")
@click.argument("title")
@click.argument("question", default="")
@click.option("--filter", "filters", multiple=True, help="Such as `art:objection`; may be repeated.")
@click.option("--exact", is_flag=True, help="Words only as they are written.")
@instance_options
def add(name: str, title: str, question: str, filters: tuple[str, ...], *, exact: bool, **options: Any) -> None:
    """Keep a search for it, called TITLE; what is found by now counts as known."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        answer = instance.post(_path(name), {"name": title, "q": question, "filter": filters, "exact": exact})
    instance.show(answer)
    instance.say(f"{answer['search']}\t{answer['name']}")


@procedure_search.command("list")
@click.argument("name")
@instance_options
def listed(name: str, **options: Any) -> None:
    """Print what it looks for."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        answer = instance.get(_path(name))
    instance.show(answer)
    for item in answer["items"]:
        asked = " ".join(filter(None, (item["q"], *item["filter"])))
        instance.say(f"{item['search']}\t{item['name']}\t{asked}")


@procedure_search.command("remove")
@click.argument("name")
@click.argument("search", type=click.UUID)
@instance_options
def remove(name: str, search: object, **options: Any) -> None:
    """Forget one of its searches."""
    instance = connect(**options)
    with where_not_found(f"{name} has no search {search}; `poststelle procedure search list {name}` shows them"):
        answer = instance.put(f"{_path(name)}/{search}", b"", method="DELETE")
    instance.show(answer)
    instance.say(f"{name} is told no more of {search}.")


def _path(name: str) -> str:
    if not NAME.fullmatch(name):  # the name is part of an address: one with a slash leads elsewhere
        raise Rejected("bad_name")
    return f"/procedures/{name}/searches"


def _nobody(name: str) -> str:
    return f"no procedure has the name {name}; `poststelle procedure list` shows the names"
