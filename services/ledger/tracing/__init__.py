"""Why can I not find X: what became of a delivery, by its receipt number, Message-ID or SHA-256."""
