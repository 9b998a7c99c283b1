"""Opaque signed mail opened (RFC 8551 §3.5): the signature is left to others, what was signed is read like any mail."""

from asn1crypto import cms

SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature"})

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
    """What was signed; nothing where the signature is detached, or the bytes are no signed message."""
    if not content.startswith(_SEQUENCE) or _SIGNED not in content[:_LOOK]:
        return b""
    try:
        info = cms.ContentInfo.load(content)
        return bytes(info["content"]["encap_content_info"]["content"] or b"")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return b""  # cut or forged: it stays an attachment that cannot be read, and says so
