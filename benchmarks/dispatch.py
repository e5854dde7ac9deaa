"""Attempts a second through a provider that takes everything, against the bar of 3,000 a second.

    .venv/bin/python benchmarks/dispatch.py [ATTEMPTS] [--workers NUMBER]

Two workers send what is queued: claim, last gate, address, message, hand-over, ledger, facts. The wall
clock counts; the processor time of the workers and of PostgreSQL is printed beside it, because neighbours
on the machine do not count there. Both together, spread over two cores, say what the machine could do.
"""

import argparse
import os
import sys
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import _workers
from _folders import reachable_folder
from _processor import bytes_a_row, seconds_of_postgres

from huifang.kernel import processes
from huifang.kernel.postgres import server

BAR_PER_SECOND = 3_000
ATTEMPTS, BATCH, WORKERS, CORES = 20_000, 500, 2, 2
NOON = datetime(2025, 3, 12, 4, 0, tzinfo=UTC)  # noon in Shanghai: messages are allowed


def fill(number: int) -> None:
    """Customers with a phone and consent, an account that sends nothing, and one attempt a customer."""
    from django.db import connection, transaction

    from huifang.customers import services as customers
    from huifang.delivery import services as delivery
    from huifang.delivery.records import AccountDraft, NewAttempt
    from huifang.kernel.ids import CustomerId, PlanId

    account = AccountDraft(
        id=None, channel="sms", provider="null", name="null", settings={}, per_second=0, priority=1,
        is_enabled=True,
    )  # fmt: skip
    delivery.save_account(draft=account, by="person:1", now=NOON)
    rows = [
        {"userId": f"c-{each}", "phone": f"+86138{each:08}", "timezone": "Asia/Shanghai", "language": "en"}
        for each in range(number)
    ]
    for start in range(0, number, 1000):
        customers.import_customers(rows=rows[start : start + 1000], mapping={"userId": "id"}, now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM customers_customer ORDER BY id")
        ids = [CustomerId(pk) for (pk,) in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO customers_consentstate"
            " (customer_id, purpose, channel, given, wording, at, chain, position)"
            " SELECT id, 'service_follow_up', '*', true, '', %s, 0, id FROM customers_customer",
            [NOON - timedelta(days=1)],
        )
    for start in range(0, number, BATCH):
        with transaction.atomic():
            delivery.enqueue_many(
                attempts=[
                    NewAttempt(
                        key=f"enrolment:{pk}:step:1",
                        customer_id=pk,
                        channel="sms",
                        contact_class="follow_up",
                        purpose="service_follow_up",
                        round_key=f"enrolment:{pk}",
                        subject={},
                        body={"en": "{wallet_name}: tell us how it went: {link}"},
                        language="en",
                        fallback_language="en",
                        variables={"link": f"http://127.0.0.1:8000/s/{pk:032}"},
                        not_after=NOON + timedelta(days=3),
                        label="First payment",
                        plan_id=PlanId(1),
                    )
                    for pk in ids[start : start + BATCH]
                ],
                now=NOON,
            )


def settings() -> None:
    """Django on the database of DATABASE_URL, with the clock at noon."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "huifang.config.settings_test"
    os.environ["HUIFANG_KEYS"] = "1:" + b64encode(b"huifang-benchmark-key-of-32-byte").decode()
    django.setup()
    from huifang.kernel import clock

    clock.now = lambda: NOON
    clock.is_trusted = lambda: True


def work() -> None:
    """Be one worker: say when ready, wait for the word, send until nothing is left; tell the cost."""
    settings()
    from huifang.delivery import sender, store

    processes.collect_seldom()
    print("ready", flush=True)
    sys.stdin.readline()
    began, done = time.process_time(), 0
    while store.is_due("sms", now=NOON):
        done += sender.send_batch("sms")
    print(f"{done} {time.process_time() - began}", flush=True)


def measure(url: str, number: int, workers: int) -> tuple[float, float, float]:
    """Attempts a second by the wall clock, and the microseconds of the workers and of PostgreSQL for one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    every = _workers.ready(__file__, workers)
    before, wall = seconds_of_postgres(url), time.perf_counter()
    done, own = _workers.run(every)
    wall = time.perf_counter() - wall
    database = seconds_of_postgres(url) - before
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM delivery_attempt GROUP BY state")
        assert cursor.fetchall() == [("accepted", number)]
    assert done == number
    return number / wall, own / number * 1e6, database / number * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attempts", type=int, nargs="?", default=ATTEMPTS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work()
        return 0
    with reachable_folder() as folder, server.running(folder / "pg") as postgres:
        os.environ["DATABASE_URL"] = postgres.url
        settings()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(given.attempts)
        wall, own, database = measure(postgres.url, given.attempts, given.workers)
        sizes = bytes_a_row(postgres.url, "delivery_attempt", "delivery_slot", "kernel_outboxentry")
        print("bytes on disk a row: " + ", ".join(f"{name} {each}" for name, each in sizes.items()))
    could = CORES * 1e6 / (own + database)
    print(f"null provider, {given.workers} workers: {wall:,.0f} attempts/s by the clock")
    print(f"of the processor: {own:,.0f} µs an attempt in the workers, {database:,.0f} µs in PostgreSQL;")
    print(f"two cores of their own: {could:,.0f} attempts/s, {could / BAR_PER_SECOND:.2f} of the bar")
    print(f"dispatch {wall / BAR_PER_SECOND:.2f}")
    return 0 if wall >= BAR_PER_SECOND else 1


if __name__ == "__main__":
    sys.exit(main())
