"""The configuration of the Tika server: what it may parse, guess and use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

# What short German or English text is mistaken for.
_NEVER_GUESSED = (
    *("IBM420_ltr", "IBM420_rtl", "IBM424_ltr", "IBM424_rtl", "IBM500", "Big5", "EUC-JP", "EUC-KR", "GB18030"),
    *("ISO-2022-CN", "ISO-2022-JP", "ISO-2022-KR", "Shift_JIS"),
)

# Nothing in it starts programs or recognises text: external parsers and Tesseract are left out (a block of its own for
# Tesseract would switch it on again). Tika's first charset guesser, which takes German for Cyrillic, is left out too.
_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<properties>{server}
 <autoDetectParserConfig>
  <spoolToDisk>1000000</spoolToDisk><maximumDepth>100</maximumDepth>
  <maximumPackageEntryDepth>20</maximumPackageEntryDepth>
  <metadataWriteFilterFactory class="org.apache.tika.metadata.writefilter.StandardWriteFilterFactory"><params>
   <maxTotalEstimatedBytes>1000000</maxTotalEstimatedBytes><maxFieldSize>100000</maxFieldSize>
  </params></metadataWriteFilterFactory>
 </autoDetectParserConfig>
 <encodingDetectors>
  <encodingDetector class="org.apache.tika.parser.html.HtmlEncodingDetector"/>
  <encodingDetector class="org.apache.tika.parser.txt.Icu4jEncodingDetector"><params>
   <param name="ignoreCharsets" type="list">{never_guessed}</param>
  </params></encodingDetector>
  <encodingDetector class="org.apache.tika.detect.NonDetectingEncodingDetector"><params>
   <param name="charset" type="string">windows-1252</param>
  </params></encodingDetector>
 </encodingDetectors>
 <parsers>
  <parser class="org.apache.tika.parser.DefaultParser">
   <parser-exclude class="org.apache.tika.parser.external.CompositeExternalParser"/>
   <parser-exclude class="org.apache.tika.parser.pdf.PDFParser"/>
   <parser-exclude class="org.apache.tika.parser.ocr.TesseractOCRParser"/>
  </parser>
  <parser class="org.apache.tika.parser.pdf.PDFParser"><params>
   <param name="ocrStrategy" type="string">no_ocr</param>
   <param name="maxMainMemoryBytes" type="long">134217728</param>
  </params></parser>
 </parsers>
</properties>
"""


# Tika's own watching process starts each fork anew that dies or takes too long.
_FORKS = """
 <server><params>
  <taskTimeoutMillis>{milliseconds}</taskTimeoutMillis><taskPulseMillis>1000</taskPulseMillis>
  <javaPath>{java}</javaPath>
  <forkedJvmArgs>{arguments}</forkedJvmArgs>
 </params></server>"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerOptions:
    """How large the server is."""

    processes: int = 1
    """Each with its own port; reads one file at a time."""
    heap: int = 512
    """Heap of each process in MiB."""


def configuration(server: str = "") -> str:
    """The server's XML; `server` is what `forks` says, where Tika shall watch its forks itself."""
    never_guessed = "".join(f"<string>{charset}</string>" for charset in _NEVER_GUESSED)
    return _XML.format(server=server, never_guessed=never_guessed)


def forks(java: Path, arguments: Sequence[str], *, seconds: int) -> str:
    """A server that reads in forks, one at each of its ports, and ends what takes longer.

    `seconds` has to be a little more than `extraction.timeout`, so that the client says `too_slow` before.
    """
    words = "".join(f"<arg>{escape(argument)}</arg>" for argument in arguments)
    return _FORKS.format(milliseconds=1000 * seconds, java=escape(str(java)), arguments=words)


def java_options(spool: Path, options: ServerOptions) -> list[str]:
    """What java is told: a small heap, to end at once when it is full, and where to spool."""
    return [
        f"-Xmx{options.heap}m",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={spool}",
    ]
