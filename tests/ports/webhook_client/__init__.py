"""What a client of webhooks promises."""
