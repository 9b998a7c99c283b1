"""What a question asks of the index: a tree of conditions that both engines translate."""

from dataclasses import dataclass

Words = tuple[tuple[int, str], ...]
"""Analysed words with their positions."""

FORMS = "forms"
"""The field of the tokens that `core.language.forms` makes; it has no positions, so no phrases are asked of it."""


@dataclass(frozen=True, slots=True)
class Written:
    """These words, one after the other, in a field; the last one only begun where `open_end` is set."""

    field: str
    words: Words
    open_end: bool = False
    stems: frozenset[str] = frozenset()
    """Stems that are shorter than the begun word and belong to it all the same."""


@dataclass(frozen=True, slots=True)
class Marked:
    """At least one of these marks; never scores."""

    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Order keys of arrival from `first` up to, without, `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Best:
    """Any of these, worth what its best field is worth."""

    choices: tuple[tuple[Written, float], ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A word as written that is at most so many letters wrong, a swap of two being one; never scores."""

    word: str
    distance: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these, or as many as said; nothing, where there are none."""

    choices: tuple["Condition", ...]
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these and none of the others; what `also` holds finds nothing, but is worth something."""

    conditions: tuple["Condition", ...]
    without: tuple["Condition", ...] = ()
    also: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """What meets the condition is worth this, and no more or less; 0 for what only has to hold."""

    condition: "Condition"
    value: float = 0.0


Condition = Written | Marked | Between | Best | Near | AnyOf | AllOf | Worth


@dataclass(frozen=True, slots=True)
class Alike:
    """What snippets mark besides the words themselves: words with one of these stems, or spelled nearly like these."""

    stems: frozenset[str]
    near: tuple[Near, ...] = ()


Sought = Written | Alike


def token(text: str, worth: float = 1.0) -> Best:
    """This token of the forms."""
    return Best(((Written(FORMS, ((0, text),)), worth),))
