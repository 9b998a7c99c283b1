"""Feeds folders of files that none of us wrote through a fresh mail room, and tells what became of each."""
