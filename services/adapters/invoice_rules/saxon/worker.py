"""Runs compiled Schematron over invoices: a process of its own, started by its path, that knows nothing of us.

It reads requests from its standard input (a line of JSON `{"size": bytes, "files": [paths]}`, then the XML) and answers
each with a line of JSON: `{"broken": [[rule, flag, text], …]}` or `{"problem": word}`. A stylesheet is compiled once.
"""

import json
import sys
from typing import Any

from saxonche import PySaxonApiError, PySaxonProcessor

SVRL = "http://purl.oclc.org/dsdl/svrl"
MOST = 200
LONGEST = 600
_ASKED = (
    "for $a in //(s:failed-assert|s:successful-report) "
    "return string-join((string(($a/@id, 'unnamed')[1]), string(($a/@flag, $a/@role, 'error')[1]), "
    "normalize-space(string-join($a/s:text, ' '))), '\t')"
)


def main() -> None:
    """Answer until the input ends."""
    with PySaxonProcessor(license=False) as processor:
        runner = _Runner(processor)
        while line := sys.stdin.buffer.readline():
            request = json.loads(line)
            answer = runner.answer(sys.stdin.buffer.read(request["size"]), request["files"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


class _Runner:
    def __init__(self, processor: Any) -> None:
        self._processor = processor
        self._sheets: dict[str, Any] = {}

    def answer(self, xml: bytes, files: list[str]) -> dict[str, Any]:
        try:
            node = self._processor.parse_xml(xml_text=xml.decode())
            return {"broken": [line for file in files for line in self._broken(node, file)][:MOST]}
        except (PySaxonApiError, UnicodeDecodeError):
            return {"problem": "failed"}

    def _broken(self, node: Any, file: str) -> list[list[str]]:
        if file not in self._sheets:
            self._sheets[file] = self._processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=file)
        report = self._sheets[file].transform_to_value(xdm_node=node)
        asking = self._processor.new_xpath_processor()
        asking.set_context(xdm_item=report.item_at(0))
        asking.declare_namespace("s", SVRL)
        found = asking.evaluate(_ASKED)
        lines = [found.item_at(place).string_value for place in range(found.size)] if found else []
        return [line[:LONGEST].split("\t") for line in lines]


if __name__ == "__main__":
    main()
