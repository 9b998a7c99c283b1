"""`docs/settings.md`: every setting with its environment variable, type, default and sentence."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import ByteSize
from pydantic.fields import FieldInfo

from deploy.generators.markdown import code, first_paragraph, page, table
from services.settings import Settings
from services.settings.sections import Section

ABOUT = """\
Settings stand in `poststelle.toml` in the folder from which Poststelle is started (or in the file that
`POSTSTELLE_CONFIG` names), one table a section. The environment variable outranks the file. An unknown name is refused
at start, so that a slip is found. Secrets are read from files (`…_file`), never from the environment.

```toml
tenant = "main"

[mail_intake]
port = 2525
domains = ["musterstadt.example"]
max_size = "50MiB"
timeout = "PT5M"
```

Sizes are bytes or text such as `50MiB`; durations are seconds or ISO 8601 (`PT30S`). Lists and tables in an environment
variable are JSON. `poststelle settings show` prints what is in force."""

HEAD = ("setting", "environment", "type", "default", "meaning")
_KINDS = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "yes or no",
    "Path": "path",
    "timedelta": "duration",
    "ByteSize": "size",
}
_MIB = 1024 * 1024


def settings_page(_: Path) -> Iterator[tuple[str, str]]:
    """`docs/settings.md`."""
    top = {name: field for name, field in Settings.model_fields.items() if _section_of(field) is None}
    blocks = [ABOUT, "## General", table(HEAD, _rows("", top))]
    for name, field in Settings.model_fields.items():
        section = _section_of(field)
        if section:
            about = first_paragraph(section.__doc__)
            blocks += [f"## {name}", about, table(HEAD, _rows(name, section.model_fields))]
    yield "docs/settings.md", page("Settings", *blocks)


def environment_name(section: str, name: str) -> str:
    """The variable that overrides a setting."""
    return "POSTSTELLE_" + (f"{section}__" if section else "").upper() + name.upper()


def _section_of(field: FieldInfo) -> type[Section] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def _rows(section: str, fields: dict[str, FieldInfo]) -> Iterator[tuple[str, ...]]:
    for name, field in fields.items():
        variable = environment_name(section, name)
        yield code(name), code(variable), _kind(field.annotation), _default(field.default), field.description or ""


def _kind(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return " or ".join(map(code, arguments))
    if origin is UnionType:
        return _kind(next(one for one in arguments if one is not NoneType))
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"table of {_kind(arguments[1])}"
    return _KINDS.get(kind.__name__, {"IPv4Network": "network"}.get(kind.__name__, "network"))


def _default(value: Any) -> str:
    if value is None or value in ("", (), {}):
        return ""
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    if isinstance(value, ByteSize):
        return f"{value // _MIB} MiB"
    if isinstance(value, tuple):
        return ", ".join(code(str(one)) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return code(str(value))
