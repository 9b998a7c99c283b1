"""What the running instance knows of each position of the plan: `poststelle plan knowledge`."""

from typing import Any

import click

from services.cli.client import connect, instance_options

_BY = {"title": "same title", "service": "LeiKa", "product": "KGSt", "likeness": "like its texts", "": "-"}


@click.command("knowledge")
@click.option("--all", "every", is_flag=True, help="Also those that know enough.")
@instance_options
def knowledge(*, every: bool, **options: Any) -> None:
    """Print the positions of the plan in force that know little: few examples taken over, few decisions of clerks.

    Administrators also read whose decisions count less than others', for there were too many of them at one position.
    """
    instance = connect(**options)
    answer = instance.get("/classification/knowledge")
    instance.show(answer)
    told = [one for one in answer["positions"] if every or one["little"]]
    for one in sorted(told, key=lambda one: (one["letters"] + one["decisions"], one["code"])):
        source = f"{_BY[one['by']]} ({one['source']})" if one["source"] else "-"
        known = f"{one['letters']:>4} examples  {one['decisions']:>5} decisions"
        instance.say(f"{one['code']:<12} {known}  {source:<28} {one['title']}")
    instance.say(f"{answer['little']} of {len(answer['positions'])} positions know little")
    for one in answer["accounts"]:
        if one["in_training"] or one["overruled"]:
            instance.say(
                f"account {one['account']}: {one['decisions']} decisions, {one['overruled']} changed by others, "
                f"{one['in_training']} count less in the model"
            )
