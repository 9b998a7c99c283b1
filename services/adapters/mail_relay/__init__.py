"""Mail relays."""
