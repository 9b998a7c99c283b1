"""A batch of scans."""
