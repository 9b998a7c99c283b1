"""The service where documents are found, read and downloaded."""

from services.runtime.context.service import Service
from services.search.pages import pages
from services.search.routes import routes

SERVICE = Service(name="search", needs=("index",), routes=routes, pages=pages)
