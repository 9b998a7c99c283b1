"""The same letter once more: found in the index, told with its reason."""
