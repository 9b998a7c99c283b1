"""The demo learns: what a clerk decides about one letter is proposed for the next of its kind."""
