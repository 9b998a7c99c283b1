"""Opaque signed mail opened (RFC 8551 §3.5): the signature is left to others, what was signed is read like any mail."""

import binascii
import re
import zlib

from asn1crypto import cms

SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature"})

MAX_UNPACKED = 64 * 1024 * 1024
"""Bytes of what was compressed; more is left as it came."""
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
"""1.2.840.113549.1.9.16.1.9 (RFC 3274 §1)."""
_ARMOUR = re.compile(rb"\s*-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----\s*+([A-Za-z0-9+/=\s]*+)-----END")
"""The same in letters (RFC 7468 §8)."""
_SEQUENCE = b"\x30"
_LOOK = 64
"""Bytes in which the object identifier of the content stands."""
_SIGNED = bytes.fromhex("2a864886f70d010702")
"""1.2.840.113549.1.7.2 (RFC 5652 §5)."""
_SEALED = (
    bytes.fromhex("2a864886f70d010703"),  # 1.2.840.113549.1.7.3, EnvelopedData (RFC 5652 §6)
    bytes.fromhex("2a864886f70d0109100117"),  # 1.2.840.113549.1.9.16.1.23, AuthEnvelopedData (RFC 5083)
)


def is_sealed(head: bytes) -> bool:
    """Whether content that begins like this can be opened by its recipient alone, whatever it is called."""
    return head.startswith(_SEQUENCE) and any(identifier in head[:_LOOK] for identifier in _SEALED)


def content_of(content: bytes) -> bytes:
    """What was signed or compressed; nothing where the signature is detached, or the bytes are no such message."""
    armoured = _ARMOUR.match(content) if content.lstrip().startswith(b"-----BEGIN ") else None
    try:
        content = binascii.a2b_base64(armoured[1]) if armoured else content
        begin = content[:_LOOK]
        if not content.startswith(_SEQUENCE) or not (_SIGNED in begin or _COMPRESSED in begin):
            return b""
        info = cms.ContentInfo.load(content)
        inside = bytes(info["content"]["encap_content_info"]["content"] or b"")
        return inside if _SIGNED in begin else _unpacked(inside)
    except (zlib.error, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return b""  # cut or forged: it stays an attachment that cannot be read, and says so


def _unpacked(content: bytes) -> bytes:
    """What was compressed; nothing of what would be too large."""
    packed = zlib.decompressobj()
    found = packed.decompress(content, MAX_UNPACKED)
    return found if packed.eof else b""
