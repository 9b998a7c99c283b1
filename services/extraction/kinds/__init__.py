"""What bytes are, by how they begin."""
