"""The index template: fields of an entry and how they are indexed; and whether an index is one of ours."""

from dataclasses import dataclass
from typing import Any

from services.adapters.search_index.opensearch.analysis import ANALYSIS
from services.adapters.search_index.questions.conditions import FORMS
from services.adapters.search_index.questions.facets import FIELD as FACETS
from services.adapters.search_index.questions.facets import SENDERS

FORMAT = 12
"""Part of the alias: another one makes a fresh index from the truth, beside that of older processes."""

BANDS = "bands"
"""Of the sketch; nobody reads them back."""
_WORD = {"type": "keyword", "ignore_above": 1_000}
_TEXT = {"type": "text", "analyzer": "german_text"}
_MARK = {"type": "text", "analyzer": "position_path", "norms": False, "index_options": "docs"}

_NUMBER = {
    **_WORD,
    "fields": {
        "words": {"type": "text", "analyzer": "plain_text"},
        "short": {"type": "text", "analyzer": "plain_short_year"},
    },
}


@dataclass(frozen=True, slots=True)
class IndexShape:
    """How an index is spread over the nodes: its parts, and further copies of each."""

    shards: int = 1
    replicas: int = 0


def _rest(field: str) -> dict[str, Any]:
    """Text that is found in `field`, but too long to be fetched for a list."""
    return {"type": "text", "index": False, "copy_to": [field]}


PROPERTIES: dict[str, Any] = {
    "tenant": _WORD,
    "document": _WORD,
    "version": {"type": "long", "index": False},
    "state": _WORD,
    "complete": {"type": "boolean"},
    "problems": _WORD,
    "reason": _WORD,
    "channels": _WORD,
    "received_at": {"type": "date"},
    "title": _TEXT,
    "sender": _TEXT,
    "recipients": _TEXT,
    "names": _TEXT,
    "body": _TEXT,
    "attachments": _TEXT,
    "spellings": _TEXT,
    "occurrences": _TEXT,
    FORMS: {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
    "title_rest": _rest("title"),
    "sender_rest": _rest("sender"),
    "body_rest": _rest("body"),
    "attachments_rest": _rest("attachments"),
    "files": _NUMBER,
    "cases": _NUMBER,
    "positions": _MARK,
    "invoices": _WORD,
    "amounts": _WORD,
    "suppliers": _WORD,
    "kind": _WORD,
    "clerk": _WORD,
    "due": _WORD,
    "years": _WORD,
    SENDERS: _WORD,
    "meant_by": _WORD,
    "near": _WORD,
    BANDS: _WORD,
    "offices": _WORD,
    "protection": _WORD,
    FACETS: {"type": "keyword", "index": False, "ignore_above": 1_000},
}


def template(pattern: str, shape: IndexShape) -> dict[str, Any]:
    """What every index whose name fits the pattern is made of. Nothing is found before a commit refreshes it."""
    index = {"number_of_shards": shape.shards, "number_of_replicas": shape.replicas, "refresh_interval": "-1"}
    made = {
        "settings": {"index": index, "analysis": ANALYSIS},
        "mappings": {
            "dynamic": False,
            "_source": {"excludes": [FORMS, FACETS, SENDERS, BANDS]},
            "properties": PROPERTIES,
        },
    }
    return {"index_patterns": [pattern], "priority": 500, "template": made}


def is_ours(properties: Any) -> bool:
    """Whether an index has our fields, analysed our way."""
    found = _kinds(properties)
    return all(found.get(name) == kind for name, kind in _kinds(PROPERTIES).items())


def _kinds(properties: Any) -> dict[str, tuple[object, object]]:
    kinds: dict[str, tuple[object, object]] = {}
    for name, field in properties.items():
        kinds[name] = field.get("type"), field.get("analyzer")
        kinds |= {f"{name}.{below}": kind for below, kind in _kinds(field.get("fields", {})).items()}
    return kinds
