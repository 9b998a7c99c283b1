"""HTTP as every service speaks it: problems, uploads, downloads, freshness, and the routes of the process itself.

Imported by the desk and by the `routes.py` of services.
"""
