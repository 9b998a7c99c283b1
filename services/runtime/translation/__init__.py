"""The pages in another language: German sentences are the ids of a catalogue (GNU gettext), English stands in it."""
