"""How long a rehearsal of a million events takes, against the bar of 20 seconds.

    .venv/bin/python benchmarks/rehearsal.py [EVENTS] [--customers NUMBER]

A plan is rehearsed over the stored events that would start it, with the customers as they are, by the code
that decides in earnest. Fewer events than a million are rehearsed, and the cost of one is told.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import runner
from _processor import seconds_of_postgres

from huifang.kernel import processes
from huifang.kernel.postgres import server

EVENTS, CUSTOMERS = 20_000, 20_000
BAR_SECONDS, BAR_EVENTS = 20, 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=EVENTS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, server.running(Path(folder) / "pg") as postgres:
        os.environ["DATABASE_URL"] = postgres.url
        runner.prepare()
        from huifang.kernel import clock
        from huifang.plans import population
        from huifang.plans.models import Plan
        from huifang.plans.services import rehearse

        clock.now = lambda: runner.NOW
        clock.is_trusted = lambda: True
        runner.make_plans()
        runner.make_customers(0, given.customers)
        # Half of what is made is of no plan; of the rest each plan has its twentieth: all become one plan's.
        runner.NAMES[:] = runner.NAMES[:1]
        runner.make_events(given.customers, 2 * given.events, mark="past")
        plan = Plan.objects.order_by("pk")[0]
        wanted = {
            "plan_id": plan.pk,
            "start": runner.NOW - timedelta(hours=1),
            "end": runner.NOW + timedelta(hours=1),
            "by": "person:1",
            "now": runner.NOW + timedelta(hours=2),
        }
        population.moment_at(runner.NOW, clock_trusted=True)  # loads the calendars, which a process does once
        processes.collect_seldom()
        before = (time.perf_counter(), time.process_time(), seconds_of_postgres(postgres.url))
        told = rehearse(**wanted)
        after = (time.perf_counter(), time.process_time(), seconds_of_postgres(postgres.url))
    assert told.result and told.result.events == given.events, told
    wall, own, database = ((end - began) / given.events for began, end in zip(before, after, strict=True))
    print(f"{1 / wall:,.0f} events/s by the clock; a million in {wall * BAR_EVENTS:,.0f} s")
    print(f"of the processor: {own * 1e6:,.0f} µs an event here, {database * 1e6:,.0f} µs in PostgreSQL")
    ratio = BAR_SECONDS / (wall * BAR_EVENTS)
    print(f"rehearsal {ratio:.2f}")
    return 0 if ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
