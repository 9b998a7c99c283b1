"""The list of project rules: each looks over a checkout and yields what breaks it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from tests.rules import contract, import_rules, papers, shape, words

Rule: TypeAlias = Callable[[Path], Iterator[str]]

# A new rule is a line here and a planted violation in test_planted_violations.py.
RULES: tuple[Rule, ...] = (
    shape.short_files,
    shape.small_folders,
    shape.short_functions,
    shape.small_median,
    words.telling_names,
    words.opening_sentences,
    words.tests_speak,
    words.tests_run,
    words.nothing_unfinished,
    words.nothing_of_this_machine,
    import_rules.import_rules_are_kept,
    import_rules.libraries_have_homes,
    import_rules.core_is_pure,
    import_rules.needs_are_declared,
    papers.generated_documents_are_current,
    contract.events_hold_no_free_text,
    contract.events_have_schemas,
    contract.events_have_topics,
    contract.topics_have_readers,
    contract.settings_are_documented,
)
