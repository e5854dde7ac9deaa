"""Nothing acknowledged is ever lost, and nothing is stored twice, whatever dies when."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from django.db import connection
from tests.integration.events import gateways
from tests.integration.events.test_gateway import NOW, stored, track
from tests.places import reachable_folder

from huifang.events import services
from huifang.kernel.postgres import server

OWN_KEY = "hf_write_crash"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def key() -> str:
    return services.create_write_key(name="app", now=NOW)


class Sender(threading.Thread):
    """Sends batches of five as a client does: again until they are acknowledged."""

    def __init__(self, gateway: gateways.Gateway, key: str, *, first: int) -> None:
        super().__init__(daemon=True)
        self.gateway, self.key, self.next = gateway, key, first
        self.acknowledged: list[str] = []
        self.stopping = threading.Event()
        self.start()

    def run(self) -> None:
        with self.gateway.client(self.key) as client:
            while not self.stopping.is_set():
                batch = [track(number) for number in range(self.next, self.next + 5)]
                with contextlib.suppress(httpx.TransportError):
                    if client.post("/v1/batch", json={"batch": batch}).status_code == 200:
                        self.acknowledged += [str(message["messageId"]) for message in batch]
                        self.next += 5
                        continue
                time.sleep(0.05)

    def finish(self) -> list[str]:
        self.stopping.set()
        self.join(30)
        return self.acknowledged


def wait_for(condition, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.05)


def test_a_gateway_killed_in_mid_stream_loses_nothing_it_acknowledged(key):
    gateway = gateways.start()
    senders = [Sender(gateway, key, first=base) for base in range(0, 4_000_000, 1_000_000)]
    wait_for(lambda: sum(len(sender.acknowledged) for sender in senders) > 100)
    gateway.kill()
    before = sum(len(sender.acknowledged) for sender in senders)
    with gateways.running(port=gateway.port):
        wait_for(lambda: sum(len(sender.acknowledged) for sender in senders) > before + 100)
        acknowledged = [each for sender in senders for each in sender.finish()]
    rows = stored()
    assert len(rows) == len(set(rows))
    assert not set(acknowledged) - set(rows)


def test_a_gateway_that_is_asked_to_stop_answers_what_it_holds(key):
    with gateways.running() as gateway:
        senders = [Sender(gateway, key, first=base) for base in range(0, 4_000_000, 1_000_000)]
        wait_for(lambda: sum(len(sender.acknowledged) for sender in senders) > 100)
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
        acknowledged = [each for sender in senders for each in sender.finish()]
    assert not set(acknowledged) - set(stored())


def test_two_gateways_with_the_same_messages_store_each_once(key):
    batches = [{"batch": [track(number) for number in range(base, base + 50)]} for base in range(0, 1000, 25)]
    with (
        gateways.running() as one,
        gateways.running() as two,
        one.client(key) as first,
        two.client(key) as second,
        ThreadPoolExecutor(8) as threads,
    ):
        pairs = [(client, batch) for batch in batches for client in (first, second)]
        sent = [threads.submit(client.post, "/v1/batch", json=batch) for client, batch in pairs]
        assert {each.result().json()["accepted"] for each in sent} == {50}
    assert stored() == sorted(f"message-{number}" for number in range(1025))
    services.fold_tallies()
    with connection.cursor() as db:
        db.execute("SELECT sum(count) FROM events_catalogueentry")
        assert db.fetchone()[0] == 1025


@contextlib.contextmanager
def database_away() -> Iterator[None]:
    """Nobody can connect to the database, and those who are connected are thrown out."""
    with psycopg.connect(gateways.test_database_url(), dbname="postgres", autocommit=True) as admin:
        name = connection.settings_dict["NAME"]
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    connection.close()


def test_without_the_database_clients_are_told_to_come_back_and_it_recovers(key):
    with gateways.running() as gateway, gateway.client(key) as client:
        assert client.post("/v1/track", json=track(1)).status_code == 200
        with database_away():
            reply = client.post("/v1/track", json=track(2))
            assert (reply.status_code, reply.json()["code"]) == (503, "database_away")
            assert int(reply.headers["retry-after"]) >= 1
            assert httpx.get(f"{gateway.url}/readyz", timeout=20).status_code == 503
            assert httpx.get(f"{gateway.url}/healthz").status_code == 200
        wait_for(lambda: client.post("/v1/track", json=track(2)).status_code == 200)
    assert stored() == ["message-1", "message-2"]


def test_connections_that_were_cut_cost_no_request(key):
    """The pool's connections are dead, but the database is there: the write is simply tried again."""
    with gateways.running() as gateway, gateway.client(key) as client:
        client.post("/v1/track", json=track(1))
        with connection.cursor() as db:
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert client.post("/v1/track", json=track(2)).status_code == 200


def test_when_too_much_waits_clients_get_429(key):
    with gateways.running(GATEWAY_QUEUE_MAX="10") as gateway, gateway.client(key) as client:
        reply = client.post("/v1/batch", json={"batch": [track(number) for number in range(11)]})
        assert (reply.status_code, reply.json()["code"]) == (429, "queue_full")
        assert int(reply.headers["retry-after"]) >= 1
        assert client.post("/v1/batch", json={"batch": [track(1)]}).status_code == 200


def test_a_key_that_sends_too_fast_gets_429_and_another_does_not(key):
    other = services.create_write_key(name="other", now=NOW)
    with (
        gateways.running(GATEWAY_PER_SECOND_MAX="20") as gateway,
        gateway.client(key) as client,
        gateway.client(other) as patient,
    ):
        replies = [client.post("/v1/batch", json={"batch": [track(1)] * 20}) for _ in range(5)]
        assert {reply.status_code for reply in replies} == {200, 429}
        assert replies[-1].json()["code"] == "too_fast"
        assert patient.post("/v1/batch", json={"batch": [track(1)] * 20}).status_code == 200
        wait_for(lambda: client.post("/v1/batch", json={"batch": [track(1)]}).status_code == 200, 3)


@contextlib.contextmanager
def own_postgres(folder: Path) -> Iterator[server.Server]:
    """A durable server with the product's tables and one write key."""
    with server.running(folder / "pg") as postgres:
        environment = {**os.environ, "DATABASE_URL": postgres.url}
        environment["DJANGO_SETTINGS_MODULE"] = "huifang.config.settings"
        subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True, env=environment)
        with psycopg.connect(postgres.url) as admin:
            admin.execute(
                "INSERT INTO events_source (name, key_hash, created_at)"
                " VALUES ('crash', sha256(%s::bytea), now())",
                [OWN_KEY],
            )
        yield postgres


def test_postgresql_killed_in_mid_stream_loses_nothing_that_was_acknowledged():
    """A durable server of its own, killed as by a machine that ran out of memory."""
    with (
        reachable_folder() as folder,
        own_postgres(folder) as postgres,
        gateways.running(DATABASE_URL=postgres.url) as gateway,
    ):
        senders = [Sender(gateway, OWN_KEY, first=base) for base in range(0, 3_000_000, 1_000_000)]
        wait_for(lambda: sum(len(sender.acknowledged) for sender in senders) > 100)
        assert postgres.process is not None
        os.kill(postgres.process.pid, signal.SIGKILL)
        postgres.process.wait()
        postgres.start()
        before = sum(len(sender.acknowledged) for sender in senders)
        wait_for(lambda: sum(len(sender.acknowledged) for sender in senders) > before + 100, 40)
        acknowledged = [each for sender in senders for each in sender.finish()]
        with psycopg.connect(postgres.url) as admin:
            rows = [row[0] for row in admin.execute("SELECT message_id FROM events_event")]
    assert len(rows) == len(set(rows))
    assert not set(acknowledged) - set(rows)
