"""Words of a search on the command line, where one may begin with a minus like an option."""

from itertools import pairwise

import click

_MINUS = "\0"
"""Stands for the minus of a word while click looks for options; no argument of a program can hold it."""


class WordsCommand(click.Command):
    """Takes `-Statik` for a word, in its place among the others.

    Options of one letter are none but `-h`: what begins with two minus signs is an option still, and an error where it
    is mistyped. Click's own `ignore_unknown_options` would see `-h` in `-Bach` and pass `--limitt` as a word.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The same words and options, with the words told from the options."""
        options = [one for one in self.params if isinstance(one, click.Option)]
        valued = {name for one in options if not one.is_flag for name in one.opts}
        typed = args[: args.index("--")] if "--" in args else args
        hidden = [
            arg if before in valued or arg in ctx.help_option_names or not _is_word(arg) else _MINUS + arg[1:]
            for before, arg in pairwise(["", *typed])
        ]
        return super().parse_args(ctx, hidden + args[len(typed) :])


def as_typed(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words with their minus again."""
    return tuple(word.replace(_MINUS, "-", 1) for word in words)


def _is_word(arg: str) -> bool:
    return arg.startswith("-") and not arg.startswith("--")
