"""The frame of the clerk's desk: layout, forms, formatting, templates, and the pages that belong to no single service.

The highest package of the runtime; imported by the `pages.py` of services.
"""
