"""Judging documents anew that were judged before: compared first, then applied, and taken back in one step."""
