"""The sets of rules as versioned data: fetched once by Maven coordinates, checked by their hash, or given in a folder.

EN 16931: the Schematron of CEN/TC 434, EUPL-1.2. XRechnung: that of KoSIT, Apache-2.0. Both come compiled to XSLT in
the jars of phive-rules, Apache-2.0, which is where a registry offers them.
"""

import hashlib
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import MavenContext

from services.core.errors import Misconfigured, TryLater
from services.core.ports.invoice_rules import RuleSet

_GROUP = "com.helger.phive.rules"
_MOST_BYTES = 8 * 1024 * 1024
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Jar:
    artifact: str
    version: str
    sha256: str


_EN = _Jar("phive-rules-en16931", "4.3.7", "842998fe45911442b711300ab251e46489a9a5e2ffc02ddefc4293f8784c2662")
_XRECHNUNG = _Jar("phive-rules-xrechnung", "4.2.3", "7a7903c18b8c7f4ffef20c45d0deb6b8d79f76ba13aff00b415f4a7e334025bb")
_FILES: dict[RuleSet, tuple[_Jar, str, str]] = {
    "en16931-ubl": (_EN, "1.3.16", "external/schematron/1.3.16/ubl/EN16931-UBL-validation.xslt"),
    "en16931-cii": (_EN, "1.3.16", "external/schematron/1.3.16/cii/EN16931-CII-validation.xslt"),
    "xrechnung-ubl": (_XRECHNUNG, "3.0.2", "external/schematron/3.0.2/XRechnung-UBL-validation.xslt"),
    "xrechnung-cii": (_XRECHNUNG, "3.0.2", "external/schematron/3.0.2/XRechnung-CII-validation.xslt"),
}


def name_of(rules: RuleSet) -> str:
    """Name and version, as a report tells them: `en16931-ubl-1.3.16`."""
    return f"{rules}-{_FILES[rules][1]}"


def prepare(folder: Path | None, cache: Path, progress: Progress) -> dict[RuleSet, Path]:
    """Where each set lies as `<set>-<version>.xslt`; fetches them into the cache where no folder is given.

    Misconfigured where the folder lacks one, or the registry gave something else; TryLater where it is away.
    """
    place = folder or cache.expanduser() / "invoice-rules"
    found: dict[RuleSet, Path] = {rules: place / f"{name_of(rules)}.xslt" for rules in _FILES}
    if all(path.is_file() for path in found.values()):
        return found
    if folder is not None:
        raise Misconfigured("extraction.invoice_rules_folder: a set of rules is missing there, see docs/invoices.md")
    progress("Fetching the rules of EN 16931 and XRechnung (3 MB, once)")
    place.mkdir(parents=True, exist_ok=True)
    for jar in (_EN, _XRECHNUNG):
        _unpack(jar, place)
    return found


def _unpack(jar: _Jar, place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place) as own:
        fetched = _resolve(jar, Path(own))
        with fetched.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != jar.sha256:
                raise Misconfigured("invoice rules: what the registry gave is not what we know")
        for rules in (rules for rules, (source, _, _) in _FILES.items() if source is jar):
            half = Path(own) / rules
            half.write_bytes(_member(fetched, _FILES[rules][2]))
            half.replace(place / f"{name_of(rules)}.xslt")  # half a file is never seen


def _member(jar: Path, name: str) -> bytes:
    with zipfile.ZipFile(jar) as archive, archive.open(name) as member:
        return member.read(_MOST_BYTES)


def _resolve(jar: _Jar, folder: Path) -> Path:
    try:
        context = MavenContext(repo_cache=folder, timeout=60)
        return Path(context.project(_GROUP, jar.artifact).at_version(jar.version).artifact().resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise TryLater("rules_unreachable") from error


if __name__ == "__main__":  # as the image is built: `python -m services.adapters.invoice_rules.saxon.rule_sets FOLDER`
    prepare(None, Path(sys.argv[1]), print)
