"""What was sealed because malware was found in it: the administrator's list."""
