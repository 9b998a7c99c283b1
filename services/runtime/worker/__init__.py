"""The loop that reads a topic: bundles, attempts, dead letters, and publishing what was stored.

Imported by the process and by the pages that show dead letters.
"""
