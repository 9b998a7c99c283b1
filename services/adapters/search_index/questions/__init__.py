"""What both engines share: how German is spelled, what a query means, where a page goes on, what a hit shows."""
