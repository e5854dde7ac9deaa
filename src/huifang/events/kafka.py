"""Kafka as a stream: one member of a consumer group. Needs the extra `huifang[kafka]`."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from huifang.events import settings
from huifang.events.errors import KafkaMissingError, KafkaUnsetError
from huifang.events.streamrecords import StreamRecord

_log = logging.getLogger(__name__)
_WAIT_SECONDS = 1.0
_POLL_SECONDS_MAX = 600
_QUEUE_KILOBYTES = 16 * 1024
_START = datetime(1970, 1, 1, tzinfo=UTC)


def options() -> dict[str, Any]:
    """What the client is told. Nothing is marked as read by itself."""
    chosen: dict[str, Any] = {
        "bootstrap.servers": settings.KAFKA_BROKERS,
        "group.id": settings.KAFKA_GROUP,
        "client.id": "huifang",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": settings.KAFKA_SESSION_SECONDS * 1000,
        "heartbeat.interval.ms": settings.KAFKA_SESSION_SECONDS * 1000 // 4,
        "max.poll.interval.ms": _POLL_SECONDS_MAX * 1000,
        "queued.max.messages.kbytes": _QUEUE_KILOBYTES,
        "security.protocol": settings.KAFKA_SECURITY,
    }
    if settings.KAFKA_CA_FILE:
        chosen["ssl.ca.location"] = settings.KAFKA_CA_FILE
    if settings.KAFKA_SECURITY.upper().startswith("SASL"):
        chosen |= {
            "sasl.mechanism": settings.KAFKA_SASL,
            "sasl.username": settings.KAFKA_USERNAME,
            "sasl.password": settings.KAFKA_PASSWORD,
        }
    return chosen


class KafkaStream:
    """The topics of the settings, as far as this member of the group was given them."""

    def __init__(self) -> None:
        """Raises `KafkaMissingError` and `KafkaUnsetError`."""
        if not (settings.KAFKA_BROKERS and settings.KAFKA_TOPICS):
            raise KafkaUnsetError
        try:
            import confluent_kafka  # an extra
        except ImportError:
            raise KafkaMissingError from None
        self._library: Any = confluent_kafka
        self._consumer: Any = confluent_kafka.Consumer(options(), logger=_log)

    def __enter__(self) -> Self:
        self._consumer.subscribe(
            settings.KAFKA_TOPICS, on_assign=_told("takes"), on_revoke=_told("gives back")
        )
        return self

    def read(self) -> Sequence[StreamRecord]:
        """The next messages, in the order of each partition."""
        found = []
        for message in self._consumer.consume(settings.KAFKA_BATCH_MAX, timeout=_WAIT_SECONDS):
            if error := message.error():
                if error.fatal():
                    raise self._library.KafkaException(error)
                _log.warning("kafka: %s", error.str())
                continue
            found.append(
                StreamRecord(
                    topic=message.topic(),
                    partition=message.partition(),
                    offset=message.offset(),
                    value=message.value(),
                    at=_instant(message.timestamp()),
                )
            )
        return found

    def mark(self, records: Sequence[StreamRecord]) -> None:
        """Commit the offsets behind *records*.

        Where another member has the partition by now, it reads them again; they are stored once.
        """
        behind: dict[tuple[str, int], int] = {}
        for record in records:
            place = record.topic, record.partition
            behind[place] = max(behind.get(place, 0), record.offset + 1)
        offsets = [
            self._library.TopicPartition(topic, partition, offset)
            for (topic, partition), offset in behind.items()
        ]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except self._library.KafkaException as error:
            _log.warning("offsets were not committed: %s", error)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the group, so that others need not wait for the session to end."""
        self._consumer.close()


def _told(what: str) -> Any:
    def tell(_: object, partitions: Sequence[Any]) -> None:
        _log.info("this stream %s %d partitions", what, len(partitions))

    return tell


def _instant(timestamp: tuple[int, int]) -> datetime | None:
    """When the message was written; None where the broker does not know."""
    kind, milliseconds = timestamp
    return _START + timedelta(milliseconds=milliseconds) if kind and milliseconds > 0 else None
