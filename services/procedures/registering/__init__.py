"""Which procedures take part: registered, paused, resumed, removed, and told again what they may have lost."""
