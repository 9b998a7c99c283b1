"""What classification knows of letters: examples of each position, decisions of clerks, habits of senders."""
