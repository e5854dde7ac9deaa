"""How many events a second one gateway stores durably over HTTP, against the insert ceiling of the same run.

    .venv/bin/python benchmarks/ingest.py [SECONDS]

The bar is 20,000 events a second in batches of 100, and half of what plain inserts of the same rows reach.
"""

import argparse
import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import psycopg

from huifang.events import ingest, store
from huifang.events.message import Arrival
from huifang.kernel.postgres import server

ROOT = Path(__file__).resolve().parents[1]
BATCH = 100
BAR_PER_SECOND, BAR_RATIO = 20_000, 0.5
KEYS = "1:" + base64.b64encode(b"huifang-benchmark-key-of-32-byte").decode()


def batch_body() -> bytes:
    """One request as a wallet would send it."""
    at = datetime.now(UTC).isoformat()
    messages = [
        {
            "type": "track",
            "messageId": str(uuid4()),
            "userId": f"customer-{number * 7919 % 50_000}",
            "event": "Payment Completed",
            "timestamp": at,
            "context": {"app": {"name": "Wallet", "version": "3.2.1"}, "locale": "zh-CN", "ip": "10.0.0.1"},
            "properties": {
                "amount": number / 4,
                "currency": "CNY",
                "merchant_category": "food",
                "method": "qr",
            },
        }
        for number in range(BATCH)
    ]
    return json.dumps({"batch": messages, "sentAt": at}).encode()


def parse_speed() -> float:
    """Messages a second that one core parses, with nothing stored."""
    body, began, done = batch_body(), time.perf_counter(), 0
    now = datetime.now(UTC)
    arrival = Arrival(source_id=1, received_at=now, now=now, age_days_max=400)
    while time.perf_counter() - began < 1:
        done += len(ingest.parse_all(ingest.open_batch(body).batch, arrival=arrival).events)
    return done / (time.perf_counter() - began)


def insert_ceiling(url: str, seconds: float, *, clients: int, rows: int) -> float:
    """Rows a second that *clients* connections insert with the gateway's own statement, ready-made."""
    now = datetime.now(UTC)
    arrival = Arrival(source_id=1, received_at=now, now=now, age_days_max=400)

    def made() -> str:
        parsed = [
            ingest.parse_all(ingest.open_batch(batch_body()).batch, arrival=arrival)
            for _ in range(rows // BATCH)
        ]
        return store.event_rows([event for each in parsed for event in each.events])

    texts = [[made() for _ in range(int(seconds * 30_000 / rows) + 1)] for _ in range(clients)]
    done: list[int] = []
    began = time.perf_counter()

    def insert(mine: list[str]) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for text in mine:
                connection.execute(store.STORE, [text])
                done.append(rows)
                if time.perf_counter() - began > seconds:
                    break

    threads = [threading.Thread(target=insert, args=(mine,)) for mine in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def over_http(port: int, key: str, seconds: float, *, clients: int) -> float:
    """Events a second that are acknowledged over HTTP, bodies ready-made."""
    bodies = [
        [batch_body() for _ in range(int(seconds * 30_000 / BATCH / clients) + 1)] for _ in range(clients)
    ]
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    accepted: list[int] = []
    began = time.perf_counter()

    def send(mine: list[bytes]) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        for body in mine:
            connection.request("POST", "/v1/batch", body, headers)
            reply = json.loads(connection.getresponse().read())
            accepted.append(reply["accepted"])
            if time.perf_counter() - began > seconds:
                break

    threads = [threading.Thread(target=send, args=(mine,)) for mine in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(accepted) / (time.perf_counter() - began)


@contextlib.contextmanager
def gateway(url: str) -> Iterator[int]:
    """One gateway process; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "huifang.config.gateway:app"],
        env={**os.environ, "DATABASE_URL": url},
        start_new_session=True,
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz")
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def main() -> None:
    """Measure in turns, so that a noisy machine is noisy for both, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=5.0)
    seconds = parser.parse_args().seconds
    os.environ.setdefault("HUIFANG_KEYS", KEYS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifang.config.settings")
    folder = Path(tempfile.mkdtemp(prefix="huifang-ingest-"))
    folder.chmod(0o755)
    try:
        with server.running(folder / "pg") as postgres:
            os.environ["DATABASE_URL"] = postgres.url
            subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True, cwd=ROOT)
            key = "hf_write_benchmark"
            with psycopg.connect(postgres.url) as connection:
                connection.execute(
                    "INSERT INTO events_source (name, key_hash, created_at)"
                    " VALUES ('benchmark', sha256(%s::bytea), now())",
                    [key],
                )
            print(f"parse alone            {parse_speed():9,.0f} events/s on one core")
            with gateway(postgres.url) as port:
                rounds = []
                for _ in range(3):
                    ceiling = insert_ceiling(postgres.url, seconds, clients=2, rows=1000)
                    http = over_http(port, key, seconds, clients=8)
                    rounds.append((http / ceiling, http, ceiling))
                    print(f"ceiling {ceiling:9,.0f}   over HTTP {http:9,.0f}   ratio {http / ceiling:.2f}")
            ratio, http, ceiling = sorted(rounds)[1]
            print(f"median: {http:,.0f} events/s, {ratio:.2f} of the ceiling of {ceiling:,.0f}", end="; ")
            met = http >= BAR_PER_SECOND and ratio >= BAR_RATIO
            print(f"the bar of {BAR_PER_SECOND:,} and {BAR_RATIO} is {'met' if met else 'not met'}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
