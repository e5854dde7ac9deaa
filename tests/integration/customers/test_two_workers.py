"""Two workers with the same customers at once: nothing counts twice, nothing is lost, nobody hangs."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from tests.integration.customers.makers import NOW, PHONE, event, identify, known, minutes

from huifang.customers import queries, services
from huifang.customers.models import Activity, ConsentEntry, Customer, Suppression

pytestmark = pytest.mark.django_db(transaction=True)
_WORKERS = 4


def together(work):
    """Run *work* of each worker's number at the same moment, each on its own connection."""
    start = Barrier(_WORKERS)

    def run(number: int):
        try:
            start.wait(timeout=10)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(_WORKERS) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, n) for n in range(_WORKERS)]]


def test_overlapping_batches_of_new_customers_count_each_event_once():
    def work(number: int):
        # Each worker meets the same customers in another order.
        names = [f"W-{(number * 7 + place) % 20}" for place in range(100)]
        batches = [[event(customer=name) for name in names] for _ in range(3)]
        return [each for batch in batches for each in services.apply_events(events=batch, now=NOW)]

    applied = [each for found in together(work) for each in found]
    assert Customer.objects.count() == 20
    assert sum(Activity.objects.values_list("count", flat=True)) == _WORKERS * 300
    # Of each customer every n comes exactly once.
    times = Counter((each.customer_id, each.nth) for each in applied)
    assert set(times.values()) == {1}
    assert {nth for _, nth in times} == set(range(1, 61))


def test_the_ledger_stays_whole_when_all_write_to_it():
    def work(number: int):
        for turn in range(5):
            batch = [
                identify(
                    customer=f"W-{place}",
                    at=minutes(turn),
                    consents=[
                        {
                            "purpose": "marketing",
                            "given": turn % 2 == 0,
                            "at": minutes(number * 10 + turn).isoformat(),
                        }
                    ],
                )
                for place in range(12)
            ]
            services.apply_events(events=batch, now=NOW)

    together(work)
    report = services.verify_chain()
    assert report.breaks == ()
    assert report.entries == ConsentEntry.objects.count() >= 12 * _WORKERS


def test_many_replies_at_once_refuse_once():
    known("W-1", phone=PHONE)
    known("W-2", phone=PHONE)
    together(lambda _: services.refuse_by_address(kind="phone", address=PHONE, source="sms", at=NOW))
    assert Suppression.objects.filter(contact_hash=b"").count() == 2
    assert ConsentEntry.objects.filter(act="refused").count() == 2


def test_what_a_worker_did_before_it_was_killed_is_as_if_it_never_was():
    class KilledError(Exception):
        """Stands for the end of the process before its commit."""

    batch = [event(), event(), identify(phone=PHONE, consents=[{"purpose": "marketing", "given": True}])]
    with pytest.raises(KilledError), transaction.atomic():
        services.apply_events(events=batch, now=NOW)
        raise KilledError
    assert not Customer.objects.exists()
    again = services.apply_events(events=batch, now=NOW)
    assert [each.nth for each in again] == [1, 2, 0]
    assert services.verify_chain().breaks == ()
    assert queries.address(customer_id=again[0].customer_id, channel="sms") == PHONE
