"""What the store says no with, in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from services.core.errors import BlobMissing, Misconfigured, NotPermitted, StoreFull, TryLater

OK, REFUSED = 200, 412
_UNKNOWN, _FULL = 501, 507
AGAIN = {409, 429, 500, 502, 503, 504}
"""409 is the answer to a race that is not decided yet; the others pass."""
NOT_KNOWN = {"InvalidAccessKeyId", "SignatureDoesNotMatch"}
_FULL_CODES = {"XMinioStorageFull", "InsufficientStorage", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded"}
_FORBIDDEN = "AccessDenied"
_CODE = re.compile(rb"<Code>(\w+)</Code>")


@contextmanager
def failures(key: str = "") -> Iterator[None]:
    """The vendor's failures, in our words."""
    try:
        yield
    except S3Error as failure:
        if failure.code == "NoSuchKey":
            raise BlobMissing(key) from None
        if failure.code in _FULL_CODES:
            raise StoreFull from failure
        if failure.code == _FORBIDDEN:
            raise NotPermitted from failure
        raise TryLater from failure
    except (MinioException, HTTPError, OSError, ParseError, UnicodeDecodeError) as failure:  # a proxy may say anything
        raise TryLater from failure


def raise_hopeless(status: int, answer: bytes) -> None:
    """Return only where another attempt may help a refused create."""
    found = _CODE.search(answer)
    code = found[1].decode() if found else ""
    if status == _FULL or code in _FULL_CODES:
        raise StoreFull
    if code == _FORBIDDEN:
        raise NotPermitted
    if status == _UNKNOWN:
        raise Misconfigured("The blob store does not know If-None-Match.")
    if status not in AGAIN:
        raise TryLater
