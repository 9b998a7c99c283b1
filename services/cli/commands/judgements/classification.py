"""The model of classification: trained by command, listed, and taken back."""

from typing import Any

import click

from services.cli.client import connect, instance_options

MODELS = "/classification/models"
TRAINING = 1_800.0
"""Seconds that a training may take: one by 3,444 letters takes half a minute, on a machine that is busy several."""


@click.group("classification")
def classification() -> None:
    """Train the model of classification, see its versions, bring the one before back."""


@classification.command("train")
@instance_options
def train(**options: Any) -> None:
    """Train a model by the examples of the plan and what clerks decided; it comes into force if it is no worse."""
    instance = connect(**options)
    answer = instance.post(MODELS, patience=TRAINING)
    instance.show(answer)
    without, beside = answer["without"], answer["with_model"]
    instance.say(
        f"{answer['examples']} examples, {answer['decisions']} decisions; {beside['texts']} texts were held out"
    )
    for name, one in (("without a model", without), ("with this one", beside)):
        instance.say(f"{name:<16} first {one['first']:.3f}  among three {one['three']:.3f}  loss {one['loss']:.3f}")
    instance.say(f"in force as version {answer['version']}" if answer["taken"] else "it is no better: nothing changed")


@classification.command("models")
@instance_options
def models(**options: Any) -> None:
    """Print the versions that came into force, the newest first."""
    instance = connect(**options)
    answer = instance.get(MODELS)
    instance.show(answer)
    for item in answer["items"]:
        name = item["model"][:12] or "none"
        back = "" if item["restores"] is None else f", back to version {item['restores']}"
        instance.say(f"{item['version']:>4}  {item['made_at'][:19].replace('T', ' ')}  {name:<12}{back}")
    if not answer["items"]:
        instance.say("no model was ever in force")


@classification.command("rollback")
@instance_options
def rollback(**options: Any) -> None:
    """Bring back what was in force before the last training."""
    instance = connect(**options)
    answer = instance.post(f"{MODELS}/rollback")
    instance.show(answer)
    instance.say(f"in force: {answer['model'][:12] or 'no model'}, as version {answer['version']}")
