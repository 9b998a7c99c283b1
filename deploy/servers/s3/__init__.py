"""The S3 store: coordinates and the store itself."""
