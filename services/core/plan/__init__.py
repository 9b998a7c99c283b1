"""The file plan (Aktenplan) and its file numbers: read, checked, compared, found in letters.

The lowest package of the core, beside the vocabulary and the errors: it knows neither events nor ports.
"""
