"""axe-core in a page that is open: what it finds wrong, and what it leaves to a person."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import files
from typing import Any

from selenium.webdriver import Chrome

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
// The frames of ours hold mails in a sandbox: no script runs there, and axe would wait for its answer.
const done = arguments[arguments.length - 1];
const tags = {type: "tag", values: arguments[0]};
axe.run(document, {runOnly: tags, iframes: false, resultTypes: ["violations", "incomplete"]})
  .then(done, (error) => done({error: String(error)}));
"""


EXPLAINED = (
    ("color-contrast", "contains an image node in <text"),  # words of a figure: --faint on the card's white, 6.2 : 1
    ("color-contrast", "contains an image node in <tspan"),  # words over a page's picture: transparent, to be selected
    ("color-contrast", "partially overlaps other elements in <dd>"),  # of the dialog, whose white reaches further
    ("frame-tested", 'class="written" sandbox=""'),  # a mail as its writer wrote it; nothing of it is ours
    ("color-contrast", "too short to determine if it is actual text"),  # the letter of a key, as dark as its sentence
)
"""What axe leaves to a person, by rule and reason; beside it, what the person saw."""

_UNROLL = """
for (const pane of document.querySelectorAll(".pane")) {
  pane.style.maxHeight = "none"; pane.style.height = "auto"; pane.style.overflow = "visible";
  pane.style.position = "static";
}
"""


class Finding(tuple[str, str, str]):
    """A rule, where it fails (a selector), and why, as axe says it."""

    __slots__ = ()


def look(chromium: Chrome) -> tuple[list[Finding], list[Finding]]:
    """Violations of the open page, and what axe could not decide by itself."""
    chromium.execute_script(_source())
    told: dict[str, Any] = chromium.execute_async_script(_RUN, list(TAGS))
    assert "error" not in told, told
    assert told["testEngine"]["name"] == "axe-core"
    return _findings(told["violations"]), _findings(told["incomplete"])


def unexplained(chromium: Chrome, where: str) -> Iterator[str]:
    """What axe finds on the open page that nobody has explained, each with where it was."""
    violations, _ = look(chromium)
    chromium.execute_script(_UNROLL)  # what is scrolled out of a pane has the colours of what is in it
    _, incomplete = look(chromium)
    yield from (f"{where}: {finding}" for finding in violations)
    yield from (f"{where}, to review: {finding}" for finding in incomplete if not _explained(finding))


def _explained(finding: Finding) -> bool:
    rule, _, why = finding
    return any(rule == known and reason in why for known, reason in EXPLAINED)


def _findings(rules: list[dict[str, Any]]) -> list[Finding]:
    return [Finding((rule["id"], str(node["target"]), _why(node))) for rule in rules for node in rule["nodes"]]


def _why(node: dict[str, Any]) -> str:
    said = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return f"{'; '.join(said)} in {node['html'][:160]}"


@cache
def _source() -> str:
    """The script as its package brings it; the package's own code, which drives another browser, is not run."""
    brought = next(file for file in files("axe-playwright-python") or () if file.name == "axe.min.js")
    return brought.read_text(encoding="utf-8")
