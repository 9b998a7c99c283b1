"""Line ends as the standard has them, where a program wrote others: a lone CR, or CR CR LF (RFC 5322 §2.3)."""

import mmap

Buffer = bytes | mmap.mmap

_LOOK = 4_096


def mended(buffer: Buffer, start: int, end: int) -> tuple[Buffer, int, int]:
    """The same entity with lines that end in LF or CR LF; nothing is copied where they do."""
    head = buffer[start : min(end, start + _LOOK)]
    if b"\r" not in head:
        return buffer, start, end
    if b"\n" not in head:
        content = buffer[start:end].replace(b"\r", b"\n")
    elif head.count(b"\r\r\n") == head.count(b"\n"):
        content = buffer[start:end].replace(b"\r\r\n", b"\r\n")
    else:
        return buffer, start, end
    return content, 0, len(content)
