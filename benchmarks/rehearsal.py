"""How long a rehearsal of a million events takes, against the bar of 20 seconds.

    .venv/bin/python benchmarks/rehearsal.py [EVENTS] [--customers NUMBER]

A plan is rehearsed over the stored events that would start it, with the customers as they are, by the code
that decides in earnest. They lie in a fortnight, most of them by day. Customers live in five zones and speak
two languages; an eighth has not agreed, and a tenth was contacted by another plan. The plan asks by SMS,
else in the app, and reminds; a tenth is held out. Fewer events than a million are rehearsed, and the cost of
one is told.
"""

import argparse
import os
import random
import sys
import time
from datetime import timedelta

import runner
from _folders import reachable_folder
from _processor import seconds_of_postgres

from huifang.kernel import processes
from huifang.kernel.postgres import server

EVENTS, CUSTOMERS = 20_000, 20_000
BAR_SECONDS, BAR_EVENTS = 20, 1_000_000
DAYS = 14
HOURS = [*range(24), *range(12)]  # from noon in Shanghai on: the day of most customers twice
ZONES = ["Asia/Shanghai", "Asia/Shanghai", "Asia/Singapore", "Europe/Berlin", "America/New_York"]
_CONTACTED = """
WITH w AS (INSERT INTO delivery_wording (digest, subject, body) VALUES ('', '{}', '{}') RETURNING digest)
INSERT INTO delivery_attempt (key, customer_id, channel, contact_class, purpose, round_key, wording_id,
    variables, language, fallback_language, label, state, reason, provider, provider_message_id,
    may_have_gone, rank, tries, parts, queued_at, due_at, not_after, handed_over_at)
SELECT 'other:' || c.id, c.id, 'in_app', 'follow_up', 'service_follow_up', 'other:' || c.id, w.digest,
    '{}', 'en', 'en', '', 'delivered', '', '', '', false, 2, 1, 1, at, at, at, at
FROM customers_customer AS c, w, (SELECT %s::timestamptz AS at) AS t WHERE c.id %% 10 = 7
"""
PROPERTIES = '{"amount": 12.5, "currency": "CNY", "method": "qr", "merchant_category": "food"}'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=EVENTS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    given = parser.parse_args()
    with reachable_folder() as folder, server.running(folder / "pg") as postgres:
        os.environ["DATABASE_URL"] = postgres.url
        runner.prepare()
        from huifang.kernel import clock
        from huifang.plans import population
        from huifang.plans.models import Plan
        from huifang.plans.services import rehearse

        clock.now = lambda: runner.NOW
        clock.is_trusted = lambda: True
        runner.make_plans(0, 1)
        runner.make_customers(0, given.customers)
        plan = Plan.objects.get()
        make_various(plan.pk)
        make_events(given.customers, given.events)
        wanted = {
            "plan_id": plan.pk,
            "start": runner.NOW - DAYS * timedelta(days=1),
            "end": runner.NOW,
            "by": "person:1",
            "now": runner.NOW,
        }
        population.moment_at(runner.NOW, clock_trusted=True)  # loads the calendars, which a process does once
        processes.collect_seldom()
        before = (time.perf_counter(), _own_seconds(), seconds_of_postgres(postgres.url))
        told = rehearse(**wanted)
        after = (time.perf_counter(), _own_seconds(), seconds_of_postgres(postgres.url))
    assert told.result and told.result.events == given.events, told
    wall, own, database = ((end - began) / given.events for began, end in zip(before, after, strict=True))
    print(f"{told.result.people:,} people, {told.result.contacted:,} contacted; {dict(told.result.reasons)}")
    print(f"{1 / wall:,.0f} events/s by the clock; a million in {wall * BAR_EVENTS:,.0f} s")
    print(f"of the processor: {own * 1e6:,.0f} µs an event here, {database * 1e6:,.0f} µs in PostgreSQL")
    ratio = BAR_SECONDS / (wall * BAR_EVENTS)
    print(f"rehearsal {ratio:.2f}")
    return 0 if ratio >= 1 else 1


def _own_seconds() -> float:
    """Of the processor: this process and those that it started and that ended."""
    return sum(os.times()[:4])


def make_various(plan_id: int) -> None:
    """Customers who differ, and a plan that looks at it."""
    from django.db import connection

    from huifang.plans import services
    from huifang.plans.models import PlanVersion
    from huifang.plans.rules import read_definition

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET language = CASE WHEN id %% 4 = 0 THEN 'en' ELSE language END,"
            " time_zone = (%s::text[])[id %% 5 + 1] WHERE id %% 4 = 0 OR id %% 5 <> 0",
            [ZONES],
        )
        cursor.execute("UPDATE customers_consentstate SET given = false WHERE customer_id % 8 = 1")
        cursor.execute(
            "INSERT INTO customers_contactpoint"
            " (customer_id, kind, sealed, blind_index, state, reason, seen_at)"
            " SELECT id, 'phone', ''::bytea, decode(md5(external_id), 'hex'), 'active', '', %s"
            " FROM customers_customer WHERE id %% 3 <> 0",
            [runner.NOW - timedelta(days=80)],
        )
        cursor.execute(_CONTACTED, [runner.NOW - timedelta(days=DAYS + 3)])
        cursor.execute("ANALYZE customers_customer, customers_consentstate, customers_contactpoint")
        cursor.execute("ANALYZE delivery_attempt")
    version = PlanVersion.objects.get(plan_id=plan_id)
    first = version.definition["steps"][0]
    changed = {
        **version.definition,
        "holdout_basis_points": 1_000,
        "steps": [
            {**first, "channel": "sms"},
            {**first, "kind": "fallback"},
            {**first, "kind": "reminder", "after": "P2D"},
        ],
    }
    services.new_draft(plan_id=plan_id, by="person:1", now=runner.NOW)
    services.save_draft(plan_id=plan_id, definition=read_definition(changed), by="person:1", now=runner.NOW)


def make_events(customers: int, count: int) -> None:
    """Events over the days before now, twice as many by day as by night, of customers drawn at random."""
    from django.db import connection

    from huifang.events.records import shard_of

    chance = random.Random(1)
    with connection.cursor() as cursor:
        for start in range(0, count, runner.CHUNK):
            rows = []
            for number in range(start, min(start + runner.CHUNK, count)):
                who = f"c-{chance.randrange(customers)}"
                hour = chance.choice(HOURS) + chance.random()
                at = runner.NOW - timedelta(days=chance.randrange(DAYS) + 1, hours=-hour)
                rows.append((f"past-{number}", who, shard_of(who, ""), at))
            cursor.execute(
                "INSERT INTO events_event (day, message_id, kind, name, external_id, anonymous_id, shard,"
                " occurred_at, received_at, properties, context, source_id)"
                " SELECT a::date, m, 'track', %s, w, '', s, a, a, %s::jsonb, '{}', 1"
                " FROM unnest(%s::text[], %s::text[], %s::smallint[], %s::timestamptz[]) AS t (m, w, s, a)",
                [runner.NAMES[0], PROPERTIES, *(list(column) for column in zip(*rows, strict=True))],
            )
        cursor.execute("ANALYZE events_event")


if __name__ == "__main__":
    sys.exit(main())
