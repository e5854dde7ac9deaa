"""``huifang stream`` against a real broker: each message once, whatever dies when."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from confluent_kafka import KafkaException
from django.db import OperationalError, connection
from tests.integration.events import brokers
from tests.integration.events.test_crashes import database_away, wait_for
from tests.integration.events.test_gateway import stored

from huifang.events import queries, services, stream
from huifang.events.errors import StreamEndedError
from huifang.events.records import RejectedFilter
from huifang.events.streamrecords import StreamRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def broker() -> Iterator[brokers.Broker]:
    with brokers.running() as running:
        yield running


@pytest.fixture
def topic(broker: brokers.Broker) -> str:
    name = f"wallet-{time.monotonic_ns()}"
    broker.make_topic(name, partitions=4)
    return name


def values(first: int, last: int) -> list[bytes]:
    return [
        json.dumps(
            {
                "type": "track",
                "messageId": f"m-{number:05}",
                "userId": f"W-{number % 50}",
                "event": "Payment Completed",
                "timestamp": NOW.isoformat(),
            }
        ).encode()
        for number in range(first, last)
    ]


def database_url() -> str:
    """The address of the test database, as settings have it."""
    here = connection.settings_dict
    where = urlencode({"host": here["HOST"], "port": here["PORT"]})
    return f"postgresql://{quote(here['USER'])}:{quote(here['PASSWORD'])}@/{quote(here['NAME'])}?{where}"


@contextmanager
def reading(broker: brokers.Broker, topic: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A `huifang stream` process; whatever is left of it is killed."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "huifang.config.settings",
        "KAFKA_BROKERS": broker.address,
        "KAFKA_TOPICS": topic,
        "KAFKA_GROUP": topic,
        "KAFKA_BATCH_MAX": "50",
        "KAFKA_SESSION_SECONDS": "6",
    }
    command = [sys.executable, "-m", "huifang.cli.main", "stream", "--data-dir", str(folder)]
    process = subprocess.Popen(command, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def marked(broker: brokers.Broker, topic: str) -> int:
    with suppress(KafkaException):
        return sum(max(0, each) for each in broker.committed(topic, topic, range(4)))
    return -1


def test_what_is_in_the_stream_is_stored_and_then_marked_as_read(broker, topic, tmp_path):
    broker.send(topic, [*values(0, 120), None, b"poison", b"[" * 60_000, values(0, 1)[0]])
    with reading(broker, topic, tmp_path) as process:
        wait_for(lambda: marked(broker, topic) == 124, 180)
        process.terminate()
        assert process.wait(60) == 0
    assert stored() == [f"m-{number:05}" for number in range(120)]
    page = queries.rejected(wanted=RejectedFilter(code="malformed"), limit=5)
    assert len(page.rows) == 2
    assert {row.source_name for row in page.rows} == {f"Kafka: {topic}"}
    assert all(f"(topic {topic}, partition" in row.detail for row in page.rows)


def test_a_stream_killed_in_mid_batch_loses_nothing_and_stores_nothing_twice(broker, topic, tmp_path):
    broker.send(topic, values(0, 3000))
    with reading(broker, topic, tmp_path) as process:
        wait_for(lambda: len(stored()) > 300, 180)
        process.kill()
        process.wait()
    assert len(stored()) < 3000
    with reading(broker, topic, tmp_path):
        wait_for(lambda: len(stored()) == 3000, 180)
        wait_for(lambda: marked(broker, topic) == 3000, 180)
    services.fold_tallies()
    assert queries.event_names()[0].count == 3000


def test_two_share_the_partitions_and_one_takes_over_from_the_other(broker, topic, tmp_path):
    with reading(broker, topic, tmp_path), reading(broker, topic, tmp_path / "b") as second:
        broker.send(topic, values(0, 800))
        wait_for(lambda: len(stored()) == 800, 180)
        second.kill()
        second.wait()
        broker.send(topic, values(800, 1200))
        wait_for(lambda: len(stored()) == 1200, 180)
        wait_for(lambda: marked(broker, topic) == 1200, 180)


class Fixed:
    """A stream of *records* that ends its reader once they are marked."""

    def __init__(self, records: list[StreamRecord]) -> None:
        self.records, self.marked = records, []
        self.stopping = threading.Event()

    def read(self):
        return self.records

    def mark(self, records):
        self.marked += [record.offset for record in records]
        self.stopping.set()

    def reader(self) -> stream.Reader:
        source_id = services.stream_source(now=NOW)
        return stream.Reader(stream=self, source_id=source_id, stopping=self.stopping, now=lambda: NOW)


def records(*found: bytes) -> list[StreamRecord]:
    return [
        StreamRecord(topic="t", partition=0, offset=number, value=value, at=NOW)
        for number, value in enumerate(found)
    ]


def test_a_database_that_is_away_holds_everything_up_and_loses_nothing(monkeypatch):
    fixed, tries = Fixed(records(*values(0, 3))), []
    together = stream.Reader._store_together

    def flaky(self, found):
        tries.append(len(found))
        if len(tries) < 2:
            raise OperationalError("gone")
        together(self, found)

    monkeypatch.setattr(stream.Reader, "_store_together", flaky)
    fixed.reader().run()
    assert (tries, fixed.marked, len(stored())) == ([3, 3], [0, 1, 2], 3)


def test_a_stream_that_is_told_to_stop_while_the_database_is_away_marks_nothing():
    fixed = Fixed(records(*values(0, 3)))
    reader = fixed.reader()
    with database_away():
        threading.Timer(1.0, fixed.stopping.set).start()
        reader.run()
    assert (fixed.marked, stored()) == ([], [])


def test_a_message_that_breaks_the_program_is_put_aside(monkeypatch):
    """Whatever a message does to us, those behind it are read."""
    parse = stream.streamrecords.parse_all

    def fragile(found, *, arrival):
        if any(b"m-00001" in record.value for record in found):
            raise ZeroDivisionError
        return parse(found, arrival=arrival)

    monkeypatch.setattr(stream.streamrecords, "parse_all", fragile)
    fixed = Fixed(records(*values(0, 3)))
    fixed.reader().run()
    assert stored() == ["m-00000", "m-00002"]
    (row,) = queries.rejected(wanted=RejectedFilter(code="not_storable"), limit=5).rows
    assert "ZeroDivisionError. (topic t, partition 0, offset 1)" in row.detail


def test_a_source_that_was_ended_reads_no_more():
    fixed = Fixed(records(*values(0, 3)))
    reader = fixed.reader()
    services.revoke_write_key(name="Kafka: huifang", now=NOW)
    with pytest.raises(StreamEndedError):
        reader.run()
    with pytest.raises(StreamEndedError):
        services.stream_source(now=NOW)
    assert (fixed.marked, stored()) == ([], [])
    connection.close()
