"""The project rules hold in this checkout."""

from pathlib import Path

import pytest

from tests.rules.every_rule import RULES, Rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_its_rules(project: Path, rule: Rule) -> None:
    """Nothing in the checkout breaks the rule; what does is printed with its place."""
    findings = "\n".join(rule(project))
    assert not findings, f"{rule.__doc__}\n{findings}"
