"""What is known of each position, told to those who look after it."""
