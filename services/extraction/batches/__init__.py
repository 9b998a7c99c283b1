"""A scan of many sheets and its documents."""
