"""All arrivals of a document that came very often."""
