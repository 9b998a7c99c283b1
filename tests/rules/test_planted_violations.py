"""Every project rules finds a violation that is planted in a copy of the mail room."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules import contract, import_rules, papers, shape, words
from tests.rules.every_rule import RULES, Rule

MANY_LONG_FUNCTIONS = "".join(f"def f{n}():\n" + "    pass\n" * 11 for n in range(5_000))
DEEP = """\
def deep(a):
    for b in a:
        if b:
            with b:
                while True: ...
"""

PROJECT = Path(__file__).resolve().parents[2]
GOSSIP = """\
from services.core.messages.events import Facts
class Gossip(Facts, frozen=True, kw_only=True):
    NAME = "document.gossip"
"""


def added(path: str, text: str) -> str:
    """A file of ours with something more at its end."""
    return (PROJECT / path).read_text(encoding="utf-8") + text


WORDS = "services/core/vocabulary.py"
TOPICS = "services/core/messages/topics.py"
SETTINGS = "services/settings/sections.py"

# rule, file that is planted, its text
PLANTED: tuple[tuple[Rule, str, str], ...] = (
    (shape.short_files, "services/search/long.py", "a = 1\n" * 301),
    (shape.small_folders, "services/search/thirteenth.py", ""),
    (shape.short_functions, "services/search/long.py", "def long():\n" + "    pass\n" * 40),
    (shape.small_median, "services/search/many.py", MANY_LONG_FUNCTIONS),
    (words.telling_names, "services/search/names.py", "class MailManager: ...\n"),
    (words.telling_names, "services/search/names.py", "def mail_helper(): ...\n"),
    (words.telling_names, "services/search/utils.py", ""),
    (words.opening_sentences, "services/search/silent.py", "a = 1\n"),
    (words.tests_speak, "tests/unit/test_silent.py", "def test_it(): ...\n"),
    (words.tests_run, "tests/unit/test_idle.py", "import pytest\n\npytest.skip('later')\n"),
    (words.tests_run, "tests/unit/test_idle.py", "import pytest\n\npytestmark = pytest.mark.xfail\n"),
    (words.nothing_unfinished, "services/search/stub.py", "def stub():\n    raise NotImplementedError\n"),
    (words.nothing_of_this_machine, "docs/where.md", "Fetched from https://" + "pypi" + ".org/simple\n"),
    (words.nothing_of_this_machine, "docs/where.md", "It lies in /" + "root/cache\n"),
    (import_rules.libraries_have_homes, "services/search/second.py", "import minio\n"),
    (import_rules.libraries_have_homes, "services/search/second.py", "def f():\n    from minio import Minio\n"),
    (import_rules.libraries_have_homes, "services/search/unknown.py", "import nobody_knows_it\n"),
    (import_rules.core_is_pure, "services/core/impure.py", "import yaml\n"),
    (
        import_rules.needs_are_declared,
        "services/search/curious.py",
        "def f(context):\n    return context.ports.ledger\n",
    ),
    (import_rules.needs_are_declared, "services/search/service.py", "SERVICE = Service(needs=('index', 'ocr'))\n"),
    (import_rules.core_is_pure, "services/core/impure.py", "from urllib.request import urlopen\n"),
    (import_rules.import_rules_are_kept, "services/search/curious.py", "import services.filing\n"),
    (papers.generated_documents_are_current, "docs/decisions/9999-planted.md", "# 9999 Nobody lists me\n"),
    (contract.events_hold_no_free_text, "services/search/gossip.py", GOSSIP + "    subject: str\n"),
    (contract.events_hold_no_free_text, "services/search/gossip.py", GOSSIP + "    body: bytes | None = None\n"),
    (contract.events_hold_no_free_text, "services/search/gossip.py", GOSSIP + "    senders: tuple[str, ...] = ()\n"),
    (contract.events_hold_no_free_text, "services/search/gossip.py", GOSSIP + "    more: dict[vocabulary.Code, Any]\n"),
    (contract.events_hold_no_free_text, "services/search/gossip.py", GOSSIP + '    subject: "vocabulary.Code"\n'),
    (contract.events_hold_no_free_text, WORDS, added(WORDS, "Subject = Annotated[str, Meta(max_length=99)]\n")),
    (contract.events_have_schemas, "services/search/gossip.py", GOSSIP),
    (
        contract.events_have_schemas,
        "services/search/record.py",
        'class R(Struct, tag_field="schema", tag="new:1"): ...\n',
    ),
    (contract.events_have_schemas, "schemas/examples/events/document.lost.v1.json", "{}\n"),
    (contract.events_have_topics, "services/search/gossip.py", GOSSIP),
    (contract.topics_have_readers, TOPICS, added(TOPICS, 'TOPIC_OF["document.gossip"] = "documents.gossip"\n')),
    (contract.settings_are_documented, SETTINGS, added(SETTINGS, "class New(Section):\n    port: int = 1\n")),
    (
        contract.settings_are_documented,
        SETTINGS,
        added(
            SETTINGS, 'class New(Section):\n    planted: int = Field(1, description="Nobody wrote the page anew.")\n'
        ),
    ),
)

# code of ruff, text that is planted
PLANTED_SHAPES = (
    ("PLR1702", DEEP),
    ("PLR0913", "def wide(a, b, *, c, d, e, f): ...\n"),
    ("PLR0917", "class C:\n    def wide(self, a, b, c, d, e): ...\n"),
)

# contract in pyproject.toml, file that is planted, what it imports
PLANTED_IMPORTS = (
    ("floors", "services/runtime/upstairs.py", "services.search"),
    ("floors", "services/attic/__init__.py", "services.core"),
    ("core-floors", "services/core/plan/upstairs.py", "services.core.model.record"),
    ("core-floors", "services/core/messages/upstairs.py", "services.core.ports.blob_store"),
    ("core-floors", "services/core/attic.py", "services.core.errors"),
    ("runtime-floors", "services/runtime/streams/upstairs.py", "services.runtime.context.service"),
    ("runtime-floors", "services/runtime/worker/upstairs.py", "services.runtime.process"),
    ("runtime-floors", "services/runtime/web/upstairs.py", "services.runtime.desk.frame"),
    ("services", "services/search/curious.py", "services.filing"),
    ("adapters", "services/adapters/blob_store/curious.py", "services.runtime"),
    ("twins", "services/adapters/blob_store/curious.py", "services.adapters.event_log.planted"),
    ("core", "services/core/impure.py", "sqlite3"),
    ("core", "services/core/impure.py", "fastapi"),
    ("kafka", "services/search/second.py", "confluent_kafka"),
    ("s3", "services/search/second.py", "minio"),
    ("tika", "services/search/second.py", "tika"),
    ("tesseract", "services/search/second.py", "tesserocr"),
    ("tantivy", "services/search/second.py", "tantivy"),
    ("saxon", "services/extraction/second.py", "saxonche"),
    ("opensearch", "services/search/second.py", "opensearchpy"),
    ("smtp", "services/search/second.py", "aiosmtpd"),
    ("click", "services/search/second.py", "click"),
    ("circles", "services/search/round/__init__.py", "services.search.planted"),
)


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """A copy of the mail room to break things in."""
    left_out = shutil.ignore_patterns("__pycache__")
    for folder in ("services", "tests/rules", "docs", "schemas"):
        shutil.copytree(project / folder, tmp_path / folder, ignore=left_out)
    for file in ("pyproject.toml", "tests/__init__.py"):
        shutil.copy(project / file, tmp_path / file)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture
def plant(copy: Path) -> Callable[[str, str], None]:
    """Writes a file into the copy and lets git know it."""

    def write(path: str, text: str) -> None:
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, encoding="utf-8")
        subprocess.run(["git", "add", "--", path], cwd=copy, check=True)

    return write


@pytest.mark.long
@pytest.mark.parametrize(
    ("rule", "path", "text"), PLANTED, ids=[f"{rule.__name__}-{path}" for rule, path, _ in PLANTED]
)
def test_a_planted_violation_is_found(
    copy: Path, plant: Callable[[str, str], None], rule: Rule, path: str, text: str
) -> None:
    """With the violation the rule has more to say than without."""
    before = set(rule(copy))
    plant(path, text)
    assert set(rule(copy)) - before, f"{rule.__name__} overlooked {path}"


@pytest.mark.long
@pytest.mark.parametrize(("contract", "path", "imported"), PLANTED_IMPORTS)
def test_a_planted_import_breaks_its_contract(
    copy: Path, plant: Callable[[str, str], None], contract: str, path: str, imported: str
) -> None:
    """The contract that was kept is reported broken, with the import that broke it."""
    plant("services/adapters/event_log/planted.py", "")
    plant("services/search/planted.py", "import services.search.round\n" if contract == "circles" else "")
    plant(path, f"import {imported}\n")
    report = "".join(import_rules.import_rules_are_kept(copy, "--contract", contract))
    assert "BROKEN" in report, f"{contract} overlooked {imported} in {path}"


@pytest.mark.parametrize(("code", "text"), PLANTED_SHAPES)
def test_a_planted_shape_is_found_by_ruff(project: Path, code: str, text: str) -> None:
    """Deep nesting and many parameters are ruff's to find, two of its rules being chosen from its previews."""
    words = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=json", "-"]
    where = ["--stdin-filename", "services/search/planted.py"]
    found = subprocess.run([*words, *where], input=text, cwd=project, capture_output=True, text=True, check=False)
    assert code in found.stdout


def test_every_rule_has_a_planted_violation() -> None:
    """A rule that was never seen to fail is no rule."""
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


def test_every_contract_has_a_planted_import(project: Path) -> None:
    """A contract that was never seen to break is no contract."""
    assert {contract for contract, _, _ in PLANTED_IMPORTS} == set(import_rules.contracts(project))
