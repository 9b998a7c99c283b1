"""The transfer note of a scan: how paper became a file."""
