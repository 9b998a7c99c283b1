"""Rules on what others depend on: narrow events, schemas with examples, read topics, settings with a sentence."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.rules.sources import Source, sources

_PLAIN = frozenset({"bool", "int", "float", "datetime", "None", "Literal"})
"""Types that cannot hold a person's name; text goes by a word of `core/vocabulary.py`."""
_CONTAINERS = frozenset({"tuple"})
_NO_FIELDS = frozenset({"NAME", "VERSION"})


def events_hold_no_free_text(project: Path) -> Iterator[str]:
    """An event is made of constrained words, enums, numbers, times; every text of `core/vocabulary.py` is limited."""
    for source in sources(project, "services"):
        structs = {node.name: node for node in source.nodes if isinstance(node, ast.ClassDef)}
        for event in _events_in(source):
            for inside in (event, *_structs_inside(event, structs)):
                yield from _free_fields(source, inside, structs)
        if source.path == "services/core/vocabulary.py":
            yield from _free_words(source)


def events_have_schemas(project: Path) -> Iterator[str]:
    """Every event and every record has its schema and its example, and there is no example of anything else."""
    wanted = {f"events/{name}.v{version}.json" for _, name, version in _named_events(project)}
    wanted |= {f"records/{name}.v{version}.json" for name, version in _stored(project)}
    for path in sorted(wanted):
        for place in (f"schemas/{path}", f"schemas/examples/{path}"):
            if not (project / place).is_file():
                yield f"{place}:1: missing"
    examples = project / "schemas/examples"
    for path in sorted(found.relative_to(examples).as_posix() for found in examples.rglob("*.json")):
        if path not in wanted:
            yield f"schemas/examples/{path}:1: an example of nothing"


def events_have_topics(project: Path) -> Iterator[str]:
    """Every event lies on a topic and is written by somebody, except dead letters, whose topic is their service's."""
    topics = _topics(project)
    for place, name, _ in _named_events(project):
        if name != "delivery.dead" and name not in topics.TOPIC_OF:
            yield f"{place}: {name} has no topic"
        if name not in topics.WRITTEN_BY:
            yield f"{place}: nobody is said to write {name}"


def topics_have_readers(project: Path) -> Iterator[str]:
    """Nothing is published that nobody reads."""
    topics = _topics(project)
    read = {topic for found in topics.READ_BY.values() for topic in found}
    for topic in sorted(set(topics.TOPIC_OF.values()) - read - {*topics.COMPACTED, *topics.READ_OUTSIDE}):
        yield f"services/core/messages/topics.py:1: nobody reads {topic}"


def settings_are_documented(project: Path) -> Iterator[str]:
    """Every setting has its sentence, in the code and in docs/settings.md."""
    page = (project / "docs/settings.md").read_text(encoding="utf-8")
    for source in sources(project, "services"):
        for section in source.nodes:
            if isinstance(section, ast.ClassDef) and {"Section", "BaseSettings"} & _bases(section):
                yield from _settings_told(source, section, page)


def _settings_told(source: Source, section: ast.ClassDef, page: str) -> Iterator[str]:
    for node, name in _fields(section):
        value = node.value
        if isinstance(value, ast.Call) and not value.args and not value.keywords:
            continue  # a section within the settings: `storage: Storage = Storage()`
        called = value.keywords if isinstance(value, ast.Call) else []
        if not any(word.arg == "description" for word in called):
            yield source.at(node, f"the setting {name} has no description")
        if not re.search(rf"^\| `{name}` \| `POSTSTELLE_\w+` \|", page, re.MULTILINE):
            yield source.at(node, f"docs/settings.md does not tell of {name}")


def _free_fields(source: Source, struct: ast.ClassDef, structs: dict[str, ast.ClassDef]) -> Iterator[str]:
    for node, name in _fields(struct):
        free = [word for word in _names_in(node.annotation) if not _is_narrow(word, structs)]
        if free:
            yield source.at(node, f"{struct.name}.{name} may hold anything: {', '.join(free)}")


def _is_narrow(word: str, structs: dict[str, ast.ClassDef]) -> bool:
    return word.startswith("vocabulary.") or word in _PLAIN | _CONTAINERS or word in structs


def _free_words(source: Source) -> Iterator[str]:
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and "str" in _names_in(node.value) and not _has_pattern(node.value):
            yield source.at(node, f"{ast.unparse(node.targets[0])} has no pattern from ^ to the very end, $(?!\\n)")


def _has_pattern(annotation: ast.expr) -> bool:
    given = [node.value for node in ast.walk(annotation) if isinstance(node, ast.keyword) and node.arg == "pattern"]
    patterns = [str(value.value) for value in given if isinstance(value, ast.Constant)]
    return bool(patterns) and all(pattern[0] == "^" and pattern.endswith(r"$(?!\n)") for pattern in patterns)


def _events_in(source: Source) -> Iterator[ast.ClassDef]:
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and {"Facts", "events.Facts"} & _bases(node):
            yield node


def _structs_inside(event: ast.ClassDef, structs: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    named = {word for node, _ in _fields(event) for word in _names_in(node.annotation)}
    return [structs[name] for name in sorted(named & set(structs))]


def _fields(struct: ast.ClassDef) -> Iterator[tuple[ast.AnnAssign, str]]:
    for node in struct.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id not in _NO_FIELDS:
            yield node, node.target.id


def _names_in(node: ast.expr) -> list[str]:
    """The names of a type expression, dotted ones whole; what stands in a Literal are values."""
    if isinstance(node, ast.Attribute | ast.Name):
        return [ast.unparse(node)]
    if isinstance(node, ast.Subscript):
        inner = [] if ast.unparse(node.value) == "Literal" else _names_in(node.slice)
        return [*_names_in(node.value), *inner]
    if isinstance(node, ast.Constant) and node.value is not None and node.value is not Ellipsis:
        return [repr(node.value)]  # an annotation in quotes says nothing to this rule
    return [name for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) for name in _names_in(child)]


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base) for base in node.bases}


def _named_events(project: Path) -> Iterator[tuple[str, str, int]]:
    """Place, name and version of every event."""
    for source in sources(project, "services"):
        for event in _events_in(source):
            constants = {
                ast.unparse(node.targets[0]): ast.literal_eval(node.value)
                for node in event.body
                if isinstance(node, ast.Assign)
            }
            yield f"{source.path}:{event.lineno}", constants["NAME"], constants.get("VERSION", 1)


def _stored(project: Path) -> Iterator[tuple[str, int]]:
    """Name and version of every record: what stands in `tag` beside `tag_field="schema"`."""
    for source in sources(project, "services"):
        for name, version in re.findall(r'tag_field="schema", tag="([a-z-]+):([0-9]+)"', source.text):
            yield name, int(version)


def _topics(project: Path) -> ModuleType:
    """The map of the pipeline as it stands in this checkout."""
    spec = importlib.util.spec_from_file_location("topics_under_test", project / "services/core/messages/topics.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
