"""The demo for an hour: does memory grow, do files and connections pile up, do counts still agree?

    .venv/bin/python benchmarks/soak.py [MINUTES] [--keep FILE.csv]

Every half minute it notes what each kind of process holds for itself, and more. A straight line is laid
through the second half, when everything has been used once. At the end the wallet falls silent, and what
was acknowledged is held against what is stored, decided, sent, received and written to the facts.
"""

import argparse
import contextlib
import csv
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from _processor import below
from rest import PATIENCE_SECONDS, free_port, wait_for

from huifang.cli.installation import Installation

EVERY_SECONDS, CALM_SECONDS = 30.0, 300.0
GROWTH_MAX = 10e6  # bytes an hour of one kind of process, beyond what the customers' own records take
KINDS = ("up", "web", "gateway", "worker", "demo-wallet")
Sample = dict[str, float]

_COUNTS = """
SELECT (SELECT count(*) FROM events_event) AS events,
       (SELECT count(*) FROM plans_decision) AS decisions,
       (SELECT count(*) FROM delivery_attempt) AS attempts,
       (SELECT count(*) FROM questionnaires_response) AS responses,
       (SELECT count(*) FROM kernel_outboxentry WHERE NOT is_parked) AS outbox,
       (SELECT count(*) FROM kernel_outboxentry WHERE is_parked) AS parked,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
       pg_database_size(current_database()) AS database
"""
# What must be nothing once all is calm. Each of them is a promise.
_NOTHING = {
    "events that the runner has not read": """
        SELECT count(*) FROM events_event e JOIN plans_runnercursor c ON c.shard = e.shard
        WHERE (e.txid, e.seq) > ((c.position->>'txid')::bigint, (c.position->>'seq')::bigint)""",
    "events in the partition for those without a month": "SELECT count(*) FROM events_event_default",
    "enrolments without the decision that made them": """
        SELECT count(*) FROM plans_enrolment n WHERE NOT EXISTS (
            SELECT FROM plans_decision d WHERE d.stage = 'enrol' AND d.plan_id = n.plan_id
            AND d.customer_id = n.customer_id AND d.message_id = n.message_id)""",
    "yeses to a follow-up without its enrolment": """
        SELECT count(*) FROM plans_decision d WHERE d.stage = 'enrol' AND d.outcome = 'contact'
        AND NOT EXISTS (SELECT FROM plans_enrolment n WHERE n.plan_id = d.plan_id
            AND n.customer_id = d.customer_id AND n.message_id = d.message_id)""",
    "messages on their way for more than a minute": """
        SELECT count(*) FROM delivery_attempt WHERE state = 'sending'""",
    "contacts without a place in the budget": """
        SELECT count(*) FROM delivery_attempt a WHERE a.handed_over_at IS NOT NULL
        AND a.contact_class = 'follow_up' AND a.state IN ('accepted', 'delivered', 'unknown')
        AND NOT EXISTS (SELECT FROM delivery_slot s WHERE s.round_key = a.round_key)""",
    "messages received that were never handed over": """
        SELECT count(*) FROM demo_received r WHERE r.channel = 'sms' AND NOT EXISTS (
            SELECT FROM delivery_attempt a WHERE 'sms-' || a.key = r.key AND a.handed_over_at IS NOT NULL)""",
    "messages told to be delivered that nobody received": """
        SELECT count(*) FROM delivery_attempt a WHERE a.channel = 'sms' AND a.state = 'delivered'
        AND NOT EXISTS (SELECT FROM demo_received r WHERE r.key = 'sms-' || a.key)""",
    "customers contacted twice by one step": """
        SELECT count(*) - count(DISTINCT (enrolment_id, key)) FROM delivery_attempt
        WHERE handed_over_at IS NOT NULL""",
    "facts that wait for a person": "SELECT count(*) FROM kernel_outboxentry WHERE is_parked",
}
_FACTS = {
    "decisions": "plans_decision",
    "enrolments": "plans_enrolment",
    "attempts": "delivery_attempt",
    "invitations": "questionnaires_invitation",
}


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[tuple[int, str]]:
    """The demo on an empty folder: the number of its first process, and where its gateway is."""
    web, gateway = free_port(), free_port()
    command = [sys.executable, "-m", "huifang.cli.main", "up", "--demo", "--data-dir", str(folder)]
    command += ["--port", str(web), "--gateway-port", str(gateway)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        for port in (web, gateway):
            wait_for(f"http://127.0.0.1:{port}/readyz", until=time.perf_counter() + PATIENCE_SECONDS)
        yield process.pid, f"http://127.0.0.1:{gateway}"
    finally:
        process.terminate()
        process.wait(90)


def kind_of(pid: int) -> str:
    """Which part of the product a process is; "" where it is gone."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().split()
        if "postgres" in words[0]:
            return "postgres"
        return next((word for word in words[1:] if word in KINDS), "other")
    return ""


def own_bytes(pid: int) -> int:
    """Memory that a process made for itself: no code, no files, nothing in common with others."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) * 1024
    return 0


def sample(main_process: int, url: str) -> Sample:
    """One look at everything."""
    found: Sample = defaultdict(float)
    for pid in below(main_process):
        if kind := kind_of(pid):
            found[f"{kind} bytes"] += own_bytes(pid)
            with contextlib.suppress(OSError):
                what = "open files of postgres" if kind == "postgres" else "open files"
                found[what] += len(list(Path(f"/proc/{pid}/fd").iterdir()))
            found["processes"] += 1
    with psycopg.connect(url) as connection:
        cursor = connection.execute(_COUNTS)
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        found |= dict(zip(names, map(float, cursor.fetchone() or ()), strict=True))
    return dict(found)


def growth(samples: list[tuple[float, Sample]], name: str) -> tuple[float, float]:
    """The middle of *name* over the second half, and how much it grew an hour there."""
    half = samples[len(samples) // 2 :]
    values = [each.get(name, 0.0) for _, each in half]
    hours = [at / 3600 for at, _ in half]
    line = statistics.linear_regression(hours, values) if len(half) > 1 else None
    return statistics.median(values), line.slope if line else 0.0


def acknowledged(gateway_metrics: str) -> int:
    """How many messages the gateway has acknowledged since it started."""
    with urllib.request.urlopen(gateway_metrics) as reply:
        lines = reply.read().decode().splitlines()
    return int(sum(float(line.split()[1]) for line in lines if line.startswith("huifang_gateway_accepted_")
                   and "created" not in line))  # fmt: skip


def ask(url: str, query: str) -> Any:
    """One number of the database."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def is_so(check: Callable[[], bool]) -> bool:
    """Whether *check* comes true while everything has time to calm down."""
    deadline = time.monotonic() + CALM_SECONDS
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(1.0)
    return True


def drift(url: str, accepted: Callable[[], int]) -> Iterator[str]:
    """What does not agree, once nothing new comes."""
    is_so(lambda: not ask(url, _NOTHING["events that the runner has not read"]))
    if not is_so(lambda: bool(accepted() == ask(url, "SELECT count(*) FROM events_event"))):
        stored = ask(url, "SELECT count(*) FROM events_event")
        yield f"{accepted():,} events acknowledged, {stored:,} stored (what is sent again counts twice)"
    for name, query in _NOTHING.items():
        if not is_so(lambda query=query: not ask(url, query)):  # type: ignore[misc]
            yield f"{ask(url, query)} {name}"
    for topic, table in _FACTS.items():
        live = f"SELECT sum(rows) FROM insights_segment WHERE topic = '{topic}' AND retired_at IS NULL"
        # Follow-ups go on: those of the last seconds are not written yet, and are left out.
        last = f"SELECT max(last_id) FROM insights_segment WHERE topic = '{topic}'"
        known = f"SELECT count(*) FROM {table} WHERE id <= ({last})"
        if not is_so(lambda live=live, known=known: ask(url, live) == ask(url, known)):  # type: ignore[misc]
            yield f"facts hold {ask(url, live)} {topic}, the database {ask(url, known)}"


def silence(main_process: int) -> None:
    """Let the wallet stand still where it is."""
    for pid in below(main_process):
        if kind_of(pid) == "demo-wallet":
            os.kill(pid, signal.SIGSTOP)


def tell(samples: list[tuple[float, Sample]]) -> bool:
    """Print what was seen; whether nothing of the product's own grew."""
    is_steady = True
    print(f"{'':22}{'second half':>14}{'an hour':>14}")
    for name in sorted({name for _, each in samples for name in each}):
        middle, slope = growth(samples, name)
        is_bytes = name.endswith("bytes") or name == "database"
        shown = (
            (f"{middle / 1e6:,.1f} MB", f"{slope / 1e6:+,.1f} MB")
            if is_bytes
            else (f"{middle:,.0f}", f"{slope:+,.0f}")
        )
        print(f"{name:22}{shown[0]:>14}{shown[1]:>14}")
        if name in {"web bytes", "gateway bytes", "worker bytes", "up bytes"}:
            is_steady = is_steady and slope <= GROWTH_MAX
    return is_steady


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=60.0)
    parser.add_argument("--keep", type=Path, help="a file for every sample")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huifang-soak-"))
    folder.chmod(0o755)
    samples: list[tuple[float, Sample]] = []
    try:
        with demo(folder) as (main_process, gateway):
            url = Installation(folder).read_url()
            began = time.monotonic()
            while (at := time.monotonic() - began) < given.minutes * 60:
                samples.append((at, sample(main_process, url)))
                if given.keep:
                    keep(given.keep, samples)
                time.sleep(EVERY_SECONDS)
            silence(main_process)
            wrong = list(drift(url, lambda: acknowledged(f"{gateway}/metrics")))
            samples.append((time.monotonic() - began, sample(main_process, url)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    is_steady = tell(samples)
    print("counts agree" if not wrong else "\n".join(["counts do not agree:", *wrong]))
    return 0 if is_steady and not wrong else 1


def keep(file: Path, samples: list[tuple[float, Sample]]) -> None:
    """Write every sample so far."""
    names = sorted({name for _, each in samples for name in each})
    with file.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(["seconds", *names])
        sheet.writerows([round(at), *(each.get(name, 0) for name in names)] for at, each in samples)


if __name__ == "__main__":
    sys.exit(main())
