"""A file plan in the forms in which it travels: our JSON, CSV for spreadsheets, xdomea 0301 between authorities."""
