"""Keeps events in order and hands them to their readers."""
