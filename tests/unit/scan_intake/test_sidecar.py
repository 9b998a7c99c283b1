"""What a scanner may say of a scan, and what is no sidecar."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.core.errors import Rejected
from services.scan_intake.hot_folder import sidecar

ROOT = Path(__file__).parents[3]
JSON = json.dumps(
    {
        "schema": "scan-sidecar:1", "page_count": 3, "office": "bauamt", "batch": "2026-11-24-003", "sequence": 2,
        "complete": True, "check": "passed", "originals_until": "2027-05-31", "duplex": "stacks",
        "scanned_at": "2026-11-24T07:14:00Z", "barcodes": ["DI1|main"], "fields": {"aktenzeichen": "52.10.02/17-2026"},
    }
).encode()  # fmt: skip
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<scan-sidecar version="1">
  <page_count> 3 </page_count><office>bauamt</office><batch>2026-11-24-003</batch><sequence>2</sequence>
  <complete>true</complete><check>passed</check><originals_until>2027-05-31</originals_until><duplex>stacks</duplex>
  <scanned_at>2026-11-24T07:14:00Z</scanned_at>
  <barcode>DI1|main</barcode>
  <field name="aktenzeichen">52.10.02/17-2026</field>
</scan-sidecar>"""
HEAD = b'{"schema": "scan-sidecar:1", '


@pytest.mark.parametrize("content", [JSON, XML, b"\xef\xbb\xbf" + JSON, b"\xef\xbb\xbf" + XML])
def test_both_forms_say_the_same(content: bytes) -> None:
    """JSON and XML, with and without a byte order mark; the receipt keeps lines of text."""
    assert sidecar.is_ours(content)
    assert sidecar.properties(sidecar.parse(content)) == {
        "scan.page_count": "3",
        "scan.office": "bauamt",
        "scan.batch": "2026-11-24-003",
        "scan.sequence": "2",
        "scan.complete": "true",
        "scan.check": "passed",
        "scan.originals_until": "2027-05-31",
        "scan.duplex": "stacks",
        "scan.scanned_at": "2026-11-24T07:14:00Z",
        "scan.barcode.1": "DI1|main",
        "scan.field.aktenzeichen": "52.10.02/17-2026",
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        HEAD + b'"sha265": "x"}',
        HEAD + b'"sha256": "x"}',
        HEAD + b'"page_count": 0}',
        HEAD + b'"office": "../etc"}',
        HEAD + b'"barcodes": ' + json.dumps(["x"] * 51).encode() + b"}",
        HEAD + b'"fields": ' + b"[" * 50_000,
        HEAD + b'"batch": "' + b"x" * sidecar.MAX_BYTES + b'"}',
        b"<scan-sidecar version='2'/>",
        b"<other/>",
        b"<scan-sidecar version='1'><a><b/></a></scan-sidecar>",
        b"<scan-sidecar version='1'><batch>1</batch><batch>2</batch></scan-sidecar>",
        b"<scan-sidecar version='1'><schema>x</schema></scan-sidecar>",
        b"<scan-sidecar version='1'><field>x</field></scan-sidecar>",
        b"<scan-sidecar version='1'>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><scan-sidecar version='1'><batch>&a;</batch></scan-sidecar>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><scan-sidecar version='1'/>",
        b"<?xml version='1.0' encoding='nonsense'?><scan-sidecar version='1'/>",
    ],
)
def test_what_is_not_of_the_form_is_broken(content: bytes) -> None:
    """Slips, wrong values, too much, entities and outside references: one refusal."""
    with pytest.raises(Rejected, match="sidecar_broken"):
        sidecar.parse(content)


@given(st.binary(max_size=300), st.sampled_from([b"", b"{", HEAD, b"<scan-sidecar version='1'>"]))
def test_no_bytes_are_a_fault_of_ours(content: bytes, head: bytes) -> None:
    """Whatever lies there, it is read or refused."""
    told = None
    with contextlib.suppress(Rejected):
        told = sidecar.parse(head + content)
    assert told is None or told.schema == sidecar.TAG


def test_the_written_examples_are_sidecars() -> None:
    """Both examples of the page on the hot folder are read, and the JSON one fits the schema."""
    page = (ROOT / "docs/hot-folder.md").read_text(encoding="utf-8")
    written = [page.split(f"```{kind}\n")[1].split("```")[0] for kind in ("json", "xml")]
    as_json, as_xml = (sidecar.parse(text.encode()) for text in written)
    assert as_json == as_xml
    schema = json.loads((ROOT / "schemas/scan-sidecar.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(written[0]))
