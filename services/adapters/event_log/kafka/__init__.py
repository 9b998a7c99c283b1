"""The event log of a city: a Kafka cluster."""

from services.adapters.event_log.kafka.log import KafkaEventLog

__all__ = ["KafkaEventLog"]
