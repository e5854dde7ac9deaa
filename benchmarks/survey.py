"""How quickly one web process serves the survey page, and how many complete responses a second it takes.

    .venv/bin/python benchmarks/survey.py [SECONDS]

Each of 16 connections opens links, answers three questions and is thanked: seven requests a response. The
bar is a 95th percentile of 50 ms for a request and 300 complete responses a second; ratios are printed last.
The processor time of the web process and of PostgreSQL is printed beside the clock, because whoever asks, and
neighbours, work on the same machine.
"""

import argparse
import base64
import contextlib
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from _processor import seconds_below, seconds_of_postgres

from huifang.kernel.postgres import server

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS, CORES = 16, 2
BAR_SECONDS, BAR_PER_SECOND = 0.050, 300
KEYS = "1:" + base64.b64encode(b"huifang-benchmark-key-of-32-byte").decode()
QUESTIONS = [
    {"key": "score", "kind": "csat", "title": {"en": "How satisfied are you?"}, "is_required": True},
    {"key": "again", "kind": "nps", "title": {"en": "How likely are you to recommend us?"}},
    {"key": "words", "kind": "text", "title": {"en": "Anything else?"}},
]
ANSWERS = [
    {"q": "score", "a.score": "4"},
    {"q": "again", "a.again": "9"},
    {"q": "words", "a.words": "It went quickly."},
]


def invite(count: int) -> list[str]:
    """The links of *count* customers who were never seen elsewhere."""
    import django

    django.setup()
    from huifang.customers.models import Customer
    from huifang.kernel import clock
    from huifang.kernel.ids import CustomerId
    from huifang.questionnaires import checks, services
    from huifang.questionnaires.records import NewInvitation

    now = clock.now()
    definition = checks.convert({"questions": QUESTIONS, "fallback_language": "en"})
    made = services.create_questionnaire(
        slug="benchmark", name={"en": "Benchmark"}, by="benchmark", now=now, definition=definition
    )
    version_id = services.publish(questionnaire_id=made, by="benchmark", now=now)
    people = Customer.objects.bulk_create(
        Customer(external_id=f"b-{number}", first_seen_at=now, last_seen_at=now) for number in range(count)
    )
    wanted = [
        NewInvitation(
            customer_id=CustomerId(person.pk),
            version_id=version_id,
            key=f"benchmark:{person.pk}",
            language="en",
            mode="web",
            expires_at=now + timedelta(days=1),
        )
        for person in people
    ]
    return [each.path for each in services.invite_many(wanted=wanted, now=now).values()]


@contextlib.contextmanager
def web(url: str) -> Iterator[tuple[int, int]]:
    """One web process as `huifang web` runs it; gives its port and its number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"]
    command += ["--blocking-threads", "8", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "huifang.config.wsgi:application"],
        env={**os.environ, "DATABASE_URL": url},
        start_new_session=True,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class Phone:
    """One connection. By hand, for a client of the library costs more than the page that it asks for."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        """Status and body of one reply."""
        form = (
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            if body
            else ""
        )
        self._socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{form}\r\n{body}".encode())
        status, length = int(self._file.readline().split()[1]), 0
        while (line := self._file.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return status, self._file.read(length)


def answer_all(port: int, links: Sequence[str], until: float, waits: list[float]) -> int:
    """Answer one link after the other on one connection; how many were completed in time."""
    phone, done = Phone(port), 0
    forms = [urlencode(answer) for answer in ANSWERS]

    def ask(method: str, path: str, body: str = "") -> bytes:
        began = time.perf_counter()
        status, read = phone.ask(method, path, body)
        waits.append(time.perf_counter() - began)
        assert status in {200, 303}, f"{method} {path}: {status}"
        return read

    for link in links:
        ask("GET", link)
        for form in forms:
            ask("POST", link, form)
            page = ask("GET", link)
        assert b"Thank you" in page
        done += 1
        if time.perf_counter() > until:
            break
    return done


def measure(port: int, links: Sequence[str], seconds: float) -> tuple[int, float, list[float]]:
    """Complete responses, the seconds that they took, and how long each request waited, in order."""
    waits: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    done: list[int] = []
    began = time.perf_counter()

    def run(number: int) -> None:
        mine = links[number::CONNECTIONS]
        done.append(answer_all(port, mine, began + seconds, waits[number]))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = sorted(wait for each in waits for wait in each)
    return sum(done), time.perf_counter() - began, every


def main() -> None:
    """Measure once warm, and print the ratios last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=5.0)
    seconds = parser.parse_args().seconds
    os.environ.setdefault("HUIFANG_KEYS", KEYS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifang.config.settings")
    folder = Path(tempfile.mkdtemp(prefix="huifang-survey-"))
    folder.chmod(0o755)
    try:
        with server.running(folder / "pg") as postgres:
            os.environ["DATABASE_URL"] = postgres.url
            subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True, cwd=ROOT)
            links = invite(int(seconds * 400) + 200)
            with web(postgres.url) as (port, process):
                measure(port, links[:160], 2.0)
                before = seconds_below(process), seconds_of_postgres(postgres.url)
                done, wall, waits = measure(port, links[160:], seconds)
                own = (seconds_below(process) - before[0]) / done
                database = (seconds_of_postgres(postgres.url) - before[1]) / done
            rate, high = done / wall, waits[int(len(waits) * 0.95)]
            middle = statistics.median(waits)
            print(f"{rate:,.0f} complete responses/s; a request takes {middle * 1000:.0f} ms in the median,")
            print(f"{high * 1000:.0f} ms at p95 with {CONNECTIONS} connections")
            could = CORES / (own + database)
            print(f"of the processor: {own * 1000:.1f} ms a response in the web process,")
            print(f"{database * 1000:.1f} ms in PostgreSQL; two cores of their own:")
            print(f"{could:,.0f} responses/s, {could / BAR_PER_SECOND:.2f} of the bar")
            met = high <= BAR_SECONDS and rate >= BAR_PER_SECOND
            print(
                f"ratios: p95 {high / BAR_SECONDS:.2f} of 50 ms, {rate / BAR_PER_SECOND:.2f} of 300/s;"
                f" the bar is {'met' if met else 'not met'}"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
