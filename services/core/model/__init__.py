"""What is stored of a document and what it amounts to: identity, receipts, record files, the record and its history.

Imported by the protocol and by every service; knows messages and ports, no service.
"""
