"""A document on its way to text, a file a step.

Imported by the handler and the routes of the service.
"""
