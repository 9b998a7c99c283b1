"""What letters mean, whatever words they use: sentences as points, and how near they lie to those of the positions."""
