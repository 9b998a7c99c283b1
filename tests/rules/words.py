"""Rules on words: names, opening sentences, things that must not be written anywhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules.sources import sources, tracked_texts

BANNED = frozenset({"manager", "helper", "helpers", "util", "utils", "common", "base", "abstract", "impl", "processor"})
# `handle_DATA` is SMTP's word and `log.info` everybody's; as the name of a thing they say nothing.
BANNED_FOR_THINGS = BANNED | {"data", "info"}

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Written in pieces, so that this file keeps its own rule.
_REGISTRIES = (
    "pypi org", "pythonhosted org", "repo1 maven org", "repo maven apache org", "golang org/dl", "proxy golang org",
    "sum golang org", "registry npmjs org", "crates io", "deb debian org", "docker io", "ghcr io", "quay io",
)  # fmt: skip
_HOSTS = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(host.replace(' ', '.')) for host in _REGISTRIES)})(?!\w)")
_MACHINE_PATHS = re.compile(r"(?<![\w.$}{-])/(?:work|root|tmp|home)/\w")


def telling_names(project: Path) -> Iterator[str]:
    """A name that fits everything tells nothing."""
    for source in sources(project, "services", "deploy"):
        for part in source.path.removesuffix(".py").split("/"):
            if banned := BANNED_FOR_THINGS.intersection(words_of(part)):
                yield f"{source.path}:1: the name {part} says only {', '.join(banned)}"
        for node in source.nodes:
            if isinstance(node, ast.ClassDef) and BANNED_FOR_THINGS.intersection(words_of(node.name)):
                yield source.at(node, f"class {node.name} needs a telling name")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and BANNED.intersection(words_of(node.name)):
                yield source.at(node, f"function {node.name} needs a telling name")


def opening_sentences(project: Path) -> Iterator[str]:
    """Each module opens with one sentence saying what lives here."""
    for source in sources(project, "services", "deploy", "tests"):
        opening = (ast.get_docstring(source.tree) or "").split("\n\n")[0]
        if not opening.endswith((".", ":")):
            yield f"{source.path}:1: no opening sentence"


def tests_speak(project: Path) -> Iterator[str]:
    """Each test's docstring is the behaviour in one sentence."""
    for source in sources(project, "tests"):
        for function in source.functions:
            if function.name.startswith("test_") and not ast.get_docstring(function):
                yield source.at(function, f"{function.name} does not say what holds")


def tests_run(project: Path) -> Iterator[str]:
    """No test is skipped or expected to fail."""
    for source in sources(project, "tests"):
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail", "importorskip"}:
                yield source.at(node, f"{ast.unparse(node)}: a test runs or does not exist")


def nothing_unfinished(project: Path) -> Iterator[str]:
    """What is there works: no stubs."""
    for source in sources(project, "services", "deploy"):
        for node in source.nodes:
            if isinstance(node, ast.Name) and node.id == "NotImplementedError":
                yield source.at(node, "not implemented means not there")


def nothing_of_this_machine(project: Path) -> Iterator[str]:
    """No registry is named and no path of a developer's machine is written down."""
    for path, text in tracked_texts(project):
        if not (_HOSTS.search(text) or _MACHINE_PATHS.search(text)):
            continue  # nearly always: line by line costs ten times as much
        for number, line in enumerate(text.splitlines(), 1):
            for found in (*_HOSTS.finditer(line), *_MACHINE_PATHS.finditer(line)):
                yield f"{path}:{number}: {found.group()}"


def words_of(name: str) -> set[str]:
    """The words of a CamelCase or snake_case name, in lower case."""
    return {word.lower() for word in _WORD.findall(name)}
