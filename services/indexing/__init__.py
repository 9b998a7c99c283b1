"""Brings the record of a document into the search index whenever it has changed."""
