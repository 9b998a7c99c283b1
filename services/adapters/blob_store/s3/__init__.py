"""The blob store of a city: three buckets of an S3 server, and who may do what in them."""

from services.adapters.blob_store.s3.store import S3Access, S3BlobStore

__all__ = ["S3Access", "S3BlobStore"]
