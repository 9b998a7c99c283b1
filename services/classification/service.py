"""The service that says where a document belongs, or why nobody can say."""

from services.classification.handler import handle
from services.runtime.context.service import Service

SERVICE = Service(name="classification", handle=handle)
