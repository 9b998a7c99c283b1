"""What somebody changes about their own account, without asking the administration."""
