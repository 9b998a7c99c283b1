"""Who is asking and what they may see: credentials, sessions, visibility.

Imported by web and desk, and by services that answer for documents.
"""
