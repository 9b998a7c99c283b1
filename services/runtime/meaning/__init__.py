"""What texts mean, whatever words they use: sentences as points, for whoever compares them."""
