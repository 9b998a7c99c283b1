"""A program that is to be killed: eight threads create blobs in a folder, and each one acknowledged is a line."""

import itertools
import os
import sys
from pathlib import Path
from threading import Thread

from services.adapters.blob_store.files import FileBlobStore
from services.core.keys import Bucket


def write(blobs: FileBlobStore, writer: int) -> None:
    """Without end: blobs of 1 byte to 100 KB in folders old and new, each made of its own number."""
    for number in itertools.count():
        key = f"town/documents/{writer}-{number // 3}/extraction/{number % 3}.json"
        if blobs.create(Bucket.RECORDS, key, f"{number:08}".encode() * (number % 3 * 6000 + 1)):
            os.write(1, f"{key} {number}\n".encode())


if __name__ == "__main__":
    store = FileBlobStore(Path(sys.argv[1]), reserve_bytes=0)
    for writer in range(8):
        Thread(target=write, args=(store, writer)).start()
