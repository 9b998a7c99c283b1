"""What the mail room promises, and the proof."""
