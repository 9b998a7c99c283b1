"""Webhooks over HTTP, to addresses that were looked up once and allowed."""
