"""The catalogue has every sentence of the pages, no other one, each with its English; and no page says one unmarked."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import sentences

PROJECT = Path(__file__).resolve().parents[3]
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+[^>]*>|%%")
CODE = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{3,}")
PARTS = re.compile(r"\{% block frame %\}.*?\{% endblock %\}|\{% macro (?:wrong|address)\(.*?\{% endmacro %\}")
"""Of the code of a page, not of what it says: classes, attributes, addresses."""
NAMES = {"Poststelle"}
SAID = {"gettext", "ngettext", "gettext_noop", "_"}


def both(text: Any) -> tuple[str, ...]:
    """One sentence, or those of one and of several."""
    return (text,) if isinstance(text, str) else tuple(text)


def test_the_catalogue_is_up_to_date() -> None:
    """Whoever changes a sentence runs `make sentences`: nothing is missing, and nothing that nobody says is left."""
    lying = (PROJECT / sentences.CATALOGUE).read_text(encoding="utf-8")
    assert sentences.written(sentences.updated(PROJECT)) == lying, "run `make sentences`"


def test_every_sentence_has_its_english() -> None:
    """None waits, so no page is half in German."""
    assert [one.id for one in sentences.untranslated(sentences.updated(PROJECT))] == []


def test_placeholders_and_marks_agree() -> None:
    """What is put in, and what is bold or a link, is the same on both sides."""
    wrong = []
    for message in filter(lambda one: one.id, sentences.known(PROJECT)):
        for german, english in zip(both(message.id), both(message.string), strict=True):
            if sorted(PLACES.findall(german)) != sorted(PLACES.findall(english)):
                wrong.append((german, english))
    assert wrong == []


def bare(text: str) -> list[str]:
    """Words that a template says outside of any `_("…")`."""
    without = CODE.sub("", PARTS.sub("", text))
    return [word for piece in TAG.split(without) for word in WORD.findall(piece) if word not in NAMES]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<p>Gespeichert</p>", ["Gespeichert"]),
        ('<p class="note">{{ _("Gespeichert") }}</p>', []),
        ('{% if x %}und{% endif %} <a href="/akten">{{ x }}</a>', ["und"]),
    ],
)
def test_unmarked_words_are_seen(text: str, left: list[str]) -> None:
    """Words in the text, not names of classes and fields."""
    assert bare(text) == left


def test_no_template_says_a_word_unmarked() -> None:
    """All text stands in `_("…")`, where Babel finds it."""
    pages = sorted((PROJECT / "services").rglob("templates/*.html"))
    assert len(pages) > 50
    assert {page.name: found for page in pages if (found := bare(page.read_text(encoding="utf-8")))} == {}


def unseen(tree: ast.AST) -> Iterator[int]:
    """Lines whose sentences Babel would not find, or would join: said inside of an f-string, or one of two."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (
                one.lineno for inner in ast.walk(node) for one in arguments(inner) if isinstance(one, ast.Constant)
            )
        for one in arguments(node):
            if isinstance(one, ast.IfExp | ast.JoinedStr | ast.BinOp) and any(map(is_text, ast.iter_child_nodes(one))):
                yield one.lineno


def arguments(node: ast.AST) -> list[ast.expr]:
    """What is handed to a call that says a sentence."""
    says = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAID
    return node.args if isinstance(node, ast.Call) and says else []


def is_text(node: ast.AST) -> bool:
    """Whether this is a sentence as it stands."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("code", ["f'{gettext(\"Ja\")}!'", "gettext('Ja' if x else 'Nein')", "_(f'Akte {x}')"])
def test_sentences_that_nobody_would_find_are_seen(code: str) -> None:
    """Each of them would be missing in the catalogue without a word."""
    assert list(unseen(ast.parse(code)))


def test_every_sentence_of_a_module_can_be_found() -> None:
    """One literal a call."""
    modules = sorted((PROJECT / "services").rglob("*.py"))
    found = {str(one): lines for one in modules if (lines := list(unseen(ast.parse(one.read_text(encoding="utf-8")))))}
    assert found == {}
