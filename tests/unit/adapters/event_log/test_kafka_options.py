"""How clients of Kafka are set up, where others have to live with it."""

from datetime import timedelta

from services.adapters.event_log.kafka import options


def test_what_we_publish_any_client_can_read() -> None:
    """Of the codecs kafkajs knows gzip alone, and no other is known to every client."""
    made = options.publishing(options.shared("broker:9092", {}), timedelta(seconds=1))
    assert made["compression.type"] in {"gzip", "none"}
