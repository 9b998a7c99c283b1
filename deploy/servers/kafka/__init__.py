"""Kafka: coordinates, configuration and the broker itself."""
