"""The forms beside a letter by which people add to it without deciding."""
