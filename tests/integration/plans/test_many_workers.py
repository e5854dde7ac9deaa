"""Several runners and dispatchers on one database, and workers that are killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from tests.integration.plans.makers import START, customer, insert_event, live, step

from huifang.customers import queries as customers
from huifang.delivery.queries import contacts
from huifang.plans.dispatcher import dispatch
from huifang.plans.models import Decision, Enrolment
from huifang.plans.runner import run
from huifang.plans.store import claim_customers

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 60
NOW = START + timedelta(hours=2)


@pytest.fixture
def crowd() -> list[int]:
    """Two live plans on one event, and customers who have all just paid."""
    live(priority=90)
    live(priority=10, name={"en": "Lower", "zh-Hans": "较低"}, steps=[step("in_app")], valid_for="P9D")
    ids = [int(customer(f"W-{number}")) for number in range(PEOPLE)]
    for number in range(PEOPLE):
        insert_event(f"W-{number}", at=START + timedelta(hours=1, seconds=number), message_id=f"pay-{number}")
    return ids


def _repeat(work, seconds: float = 60.0) -> None:
    """Call *work* until it has nothing to do some times in a row."""
    idle, until = 0, time.monotonic() + seconds
    while idle < 5 and time.monotonic() < until:
        idle = 0 if work() else idle + 1
    connection.close()


def _check(ids: list[int]) -> None:
    """Each customer entered both plans and was contacted once, by the plan of higher priority."""
    made = contacts(customer_ids=ids, since=START)
    assert Counter(len(each) for each in made.values()) == {1: PEOPLE}
    assert Enrolment.objects.count() == 2 * PEOPLE
    assert Enrolment.objects.filter(priority=90, state="contacting").count() == PEOPLE
    assert Enrolment.objects.filter(priority=10, state="waiting").count() == PEOPLE
    assert Decision.objects.filter(stage="enrol").count() == 2 * PEOPLE
    assert Decision.objects.filter(stage="dispatch", outcome="contact").count() == PEOPLE


def test_two_runners_and_two_dispatchers_contact_each_customer_once(crowd: list[int]):
    loops = [
        lambda: run(now=NOW, clock_trusted=True, batch=7),
        lambda: run(now=NOW, clock_trusted=True, batch=11),
    ]
    threads = [threading.Thread(target=_repeat, args=(loop,)) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dispatchers = [
        threading.Thread(target=_repeat, args=(lambda: dispatch(now=NOW, clock_trusted=True, customers=9),))
        for _ in range(2)
    ]
    for thread in dispatchers:
        thread.start()
    for thread in dispatchers:
        thread.join()
    _check(crowd)


def test_what_one_dispatcher_holds_another_passes_over(crowd: list[int]):
    _repeat(lambda: run(now=NOW, clock_trusted=True))
    others: list[int] = []

    def look() -> None:
        with transaction.atomic():
            others.extend(claim_customers(now=NOW, limit=9))
        connection.close()

    with transaction.atomic():
        held = claim_customers(now=NOW, limit=9)
        beside = threading.Thread(target=look)
        beside.start()
        beside.join(30)
    assert (len(held), len(others)) == (9, 9)
    assert not set(held) & set(others)


_WORKER = """
import sys
from datetime import datetime
import django
django.setup()
from huifang.plans.dispatcher import dispatch
from huifang.plans.runner import run
now = datetime.fromisoformat(sys.argv[1])
print("ready", flush=True)
while True:
    run(now=now, clock_trusted=True, batch=5)
    dispatch(now=now, clock_trusted=True, customers=5)
    print("round", flush=True)
"""


def _start_worker() -> "subprocess.Popen[str]":
    settings = connections["default"].settings_dict
    url = (
        f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
        f"&port={settings['PORT'] or 5432}"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "huifang.config.settings_test",
    }
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, NOW.isoformat()],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_workers_killed_in_the_middle_repeat_nothing_and_lose_nothing(crowd: list[int]):
    for pause in (0.03, 0.11, 0.23):
        worker = _start_worker()
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(pause)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    _repeat(lambda: run(now=NOW, clock_trusted=True))
    _repeat(lambda: dispatch(now=NOW, clock_trusted=True))
    _check(crowd)


def test_an_event_that_is_sent_again_changes_nothing(crowd: list[int]):
    _repeat(lambda: run(now=NOW, clock_trusted=True))
    for number in range(PEOPLE):
        insert_event(f"W-{number}", at=START + timedelta(hours=1, seconds=number), message_id=f"pay-{number}")
    _repeat(lambda: run(now=NOW, clock_trusted=True))
    _repeat(lambda: dispatch(now=NOW, clock_trusted=True))
    assert customers.activity(customer_ids=crowd[:1], names=["Payment Completed"]).popitem()[1].count == 1
    _check(crowd)
