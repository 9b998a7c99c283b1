"""Electronic invoices in XML: recognised by their root, read into the terms of EN 16931, and checked.

The only way in is `reading.read`; `xml_tree` is the only file that speaks to lxml.
"""
