"""Reads the text of every part of a received document and says which pages need OCR.

`mail` takes mails apart, `reading` goes the way of a document step by step; only the stack imports the service.
"""
