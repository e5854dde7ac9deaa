"""Events a second from the store to enrolments, with twenty live plans, against the bar of 8,000 a second.

    .venv/bin/python benchmarks/runner.py [CUSTOMERS …] [--events NUMBER] [--plans NUMBER …]
        [--workers NUMBER]

Half of the events are such as no plan asks for, the others spread over the events of the plans; so every
second event is decided about. With --plans, the fewest are there first, and the last number of customers is
measured again for each number of plans. The workers share the shards. Their processor time and that of
PostgreSQL are printed beside the wall clock, because neighbours on the machine count there. Ratios come last.
"""

import argparse
import os
import random
import sys
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import _workers
import msgspec
from _folders import reachable_folder
from _processor import bytes_a_row, seconds_of_postgres

from huifang.kernel import processes
from huifang.kernel.postgres import server

BAR_PER_SECOND, BAR_OF_SMALL = 8_000, 0.8
PLANS, CHUNK, CORES = 20, 50_000, 2
NAMES = [f"Event {number}" for number in range(PLANS)]
OTHERS = ["Balance Viewed", "Code Shown", "Bill Opened", "Search Made"]
NOW = datetime(2025, 3, 12, 4, 0, tzinfo=UTC)  # noon in Shanghai: messages are allowed


class Seen(NamedTuple):
    """Events a second by the wall clock, and microseconds of the processor an event."""

    per_second: float
    own: float
    database: float


def begin() -> None:
    """Django on the database of DATABASE_URL."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "huifang.config.settings_test"
    os.environ["HUIFANG_KEYS"] = "1:" + b64encode(b"huifang-benchmark-key-of-32-byte").decode()
    django.setup()


def prepare() -> None:
    """Django on a database of its own."""
    begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def work() -> None:
    """Be one worker: say when ready, wait for the word, run until nothing is left; tell the cost."""
    begin()
    from huifang.plans import population, runner

    population.moment_at(NOW, clock_trusted=True)  # loads the calendars, which a process does once
    processes.collect_seldom()
    print("ready", flush=True)
    sys.stdin.readline()
    own, done = time.process_time(), 0
    while taken := runner.run(now=NOW, clock_trusted=True):
        done += taken
    print(f"{done} {time.process_time() - own}", flush=True)


def make_plans(first: int = 0, last: int = PLANS) -> None:
    """Live plans in numbers, each with an event of its own."""
    from huifang.plans import services
    from huifang.plans.rules import read_definition
    from huifang.questionnaires.queries import questionnaire_rows
    from huifang.questionnaires.services import install_pack

    before = NOW - timedelta(days=1)
    install_pack(now=before)
    asked = next(row.id for row in questionnaire_rows() if row.slug == "after-first-payment")
    body = {"en": "{wallet_name}: tell us {link}", "zh-Hans": "{wallet_name}：请告诉我们 {link}"}
    NAMES[:] = [f"Event {number}" for number in range(last)]
    for number, name in list(enumerate(NAMES))[first:]:
        definition = read_definition(
            {
                "name": {"en": f"Plan {number}", "zh-Hans": f"计划 {number}"},
                "trigger": {"event": name, "occurrence": "every"},
                "steps": [
                    {"channel": "in_app", "kind": "first", "after": "PT0S", "body": body, "subject": body}
                ],
                "questionnaire_id": asked,
            }
        )
        plan_id = services.create(definition=definition, by="person:1", now=before)
        services.activate(plan_id=plan_id, by="person:1", now=before)


def make_customers(first: int, last: int) -> None:
    """Customers with consent, a phone number each, in numbers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (external_id, wallet_kind, language, time_zone, time_zone_source,"
            " region, country, traits, stamps, first_seen_at, last_seen_at)"
            " SELECT 'c-' || n, 'soft', 'zh-Hans', 'Asia/Shanghai', 'stated', 'CN-31', 'CN', '{}', '{}',"
            " %s, %s FROM generate_series(%s::int, %s::int - 1) AS n",
            [NOW - timedelta(days=90), NOW - timedelta(days=2), first, last],
        )
        cursor.execute(
            "INSERT INTO customers_consentstate"
            " (customer_id, purpose, channel, given, wording, at, chain, position)"
            " SELECT c.id, 'service_follow_up', '*', true, '', %s, 0, c.id FROM customers_customer AS c"
            " WHERE NOT EXISTS (SELECT 1 FROM customers_consentstate AS s WHERE s.customer_id = c.id)",
            [NOW - timedelta(days=80)],
        )
        cursor.execute("ANALYZE customers_customer, customers_consentstate")


def make_events(customers: int, count: int, *, mark: str) -> None:
    """Events of customers drawn at random, as the gateway keeps them."""
    import json

    from django.db import connection

    from huifang.events.records import shard_of

    chance = random.Random(mark)
    properties = json.dumps({"amount": 12.5, "currency": "CNY", "method": "qr", "merchant_category": "food"})
    with connection.cursor() as cursor:
        for start in range(0, count, CHUNK):
            rows = []
            for number in range(start, min(start + CHUNK, count)):
                name = chance.choice(NAMES) if number % 2 else chance.choice(OTHERS)
                who = f"c-{chance.randrange(customers)}"
                rows.append((f"{mark}-{number}", name, who, shard_of(who, "")))
            cursor.execute(
                "INSERT INTO events_event (day, message_id, kind, name, external_id, anonymous_id, shard,"
                " occurred_at, received_at, properties, context, source_id)"
                " SELECT %s::date, m, 'track', n, w, '', s, %s, %s, %s::jsonb, '{}', 1"
                " FROM unnest(%s::text[], %s::text[], %s::text[], %s::smallint[]) AS t (m, n, w, s)",
                [NOW.date(), NOW, NOW, properties, *(list(column) for column in zip(*rows, strict=True))],
            )
        cursor.execute("ANALYZE events_event")


def measure(url: str, count: int, workers: int) -> Seen:
    """Run until nothing is left."""
    every = _workers.ready(__file__, workers)
    wall, database = time.perf_counter(), seconds_of_postgres(url)
    done, own = _workers.run(every)
    wall = time.perf_counter() - wall
    database = seconds_of_postgres(url) - database
    assert done == count, f"{done} of {count} events were read"
    return Seen(done / wall, own / done * 1e6, database / done * 1e6)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customers", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--events", type=int, default=16_000)
    parser.add_argument("--plans", type=int, nargs="*", default=[])
    parser.add_argument("--workers", type=int, default=CORES)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work()
        return 0
    found: list[Seen] = []
    with reachable_folder() as folder, server.running(folder / "pg") as postgres:
        os.environ["DATABASE_URL"] = postgres.url
        prepare()
        from huifang.kernel import clock

        clock.now = lambda: NOW
        clock.is_trusted = lambda: True
        plans = min(given.plans, default=PLANS)
        make_plans(0, plans)
        there = 0
        for customers in given.customers:
            make_customers(there, customers)
            there = customers
            for mark, events in (("warm", given.events // 4), ("run", given.events)):
                make_events(customers, events, mark=f"{mark}-{customers}")
                seen = measure(postgres.url, events, given.workers)
            found.append(seen)
            print(
                f"{customers:,} customers: {seen.per_second:,.0f} events/s by the clock;"
                f" of the processor {seen.own:,.0f} µs an event here, {seen.database:,.0f} µs in PostgreSQL",
                flush=True,
            )
            counted = msgspec.json.encode(decided()).decode()
            print(f"  decided so far: {counted}")
        print("bytes on disk a row: " + ", ".join(f"{name} {each}" for name, each in _sizes(postgres.url)))
        for wanted in sorted(given.plans):
            make_plans(plans, wanted)
            plans = wanted
            make_events(there, given.events, mark=f"plans-{wanted}")
            seen = measure(postgres.url, given.events, given.workers)
            print(
                f"{wanted} plans: of the processor {seen.own:,.0f} µs an event here,"
                f" {seen.database:,.0f} µs in PostgreSQL",
                flush=True,
            )
    ratio = found[-1].per_second / BAR_PER_SECOND
    could = CORES * 1e6 / (found[-1].own + found[-1].database)
    print(f"two cores of their own: {could:,.0f} events/s, {could / BAR_PER_SECOND:.2f} of the bar")
    growth = (found[0].own + found[0].database) / (found[-1].own + found[-1].database)
    print(f"cost of the fewest customers is {growth:.2f} of that of the most (flat is 1.00)")
    print(f"runner {ratio:.2f}")
    return 0 if ratio >= 1 and growth >= BAR_OF_SMALL else 1


def _sizes(url: str) -> list[tuple[str, int]]:
    tables = ("events_event", "customers_customer", "customers_consentstate", "customers_activity")
    return list(bytes_a_row(url, *tables, "plans_enrolment", "plans_decision").items())


def decided() -> dict[str, int]:
    """Decisions by what they said."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome || ' ' || reason, count(*) FROM plans_decision GROUP BY 1 ORDER BY 2 DESC"
        )
        return dict(cursor.fetchall())


if __name__ == "__main__":
    sys.exit(main())
