"""A mail taken apart: entities, headers, charsets, HTML, and the tree of what hangs on it.

Pure functions over bytes; imported by the reading alone.
"""
