"""What people call a document that says nothing of itself, or the wrong thing: each title is a revision."""
