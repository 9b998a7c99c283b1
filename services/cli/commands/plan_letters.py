"""The letters that a plan would concern, as the running instance tells them."""

from typing import Any

from services.cli.client import Instance

SHOWN = 50
"""Letters of either kind that are printed one by one; `--json` tells all."""


def letters_of(instance: Instance, content: bytes) -> list[dict[str, Any]]:
    """All of them; those that move and those that need a clerk are printed, with their number."""
    found: list[dict[str, Any]] = []
    cursor, first = "", True
    while cursor or first:
        answer = instance.put("/plan/moves", content, method="POST", cursor=cursor)
        found += answer["items"]
        cursor, first = answer["next"], False
    for outcome, sentence in (("moves", "goes on at {places}"), ("clerk", "needs a clerk: {places}")):
        mine = [letter for letter in found if letter["outcome"] == outcome]
        for letter in mine[:SHOWN]:
            told = sentence.format(places=" or ".join(letter["places"]) or "nothing follows")
            instance.say(f"{letter['document']} {letter['file'] or letter['position']} {told}")
        if mine:
            instance.say(f"{len(mine)} {'move' if outcome == 'moves' else 'need a clerk'}")
    return found
