"""What proves who is asking: the keys of machines, the passwords of people, and their sessions."""
