"""The service that says where a document belongs, or why nobody can say."""

from services.classification.handler import handle
from services.classification.routes import routes
from services.classification.rules.pages import rule_pages
from services.runtime.context.service import Service

SERVICE = Service(name="classification", handle=handle, routes=routes, pages=rule_pages)
