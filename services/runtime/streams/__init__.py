"""Content on its way in and out: counted, spooled, hashed, made seekable.

The lowest package of the runtime; it knows no service and no request.
"""
