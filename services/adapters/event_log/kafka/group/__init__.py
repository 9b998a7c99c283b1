"""One member of a consumer group: what it was given, what it holds of each partition, what it leaves alone."""
