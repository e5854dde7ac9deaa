"""Two and four workers on one database share the work: none takes it all, none goes without."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connections
from tests.integration.plans.makers import START, customer, insert_event, live

from huifang.delivery.models import Attempt
from huifang.plans.models import Decision

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE, EVENTS_EACH, SECONDS = 160, 4, 240.0
NOW = START + timedelta(hours=2)
# What `huifang worker` does in its loops, here until nothing is left; it begins when told and says its share.
_WORKER = """
import sys
from datetime import datetime
import django
django.setup()
from huifang.plans.dispatcher import dispatch
from huifang.plans.runner import run
now = datetime.fromisoformat(sys.argv[1])
run(now=now, clock_trusted=False, batch=1)
print("ready", flush=True)
sys.stdin.readline()
events = customers = idle = 0
while idle < 10:
    read = run(now=now, clock_trusted=True, batch=2)
    sent = dispatch(now=now, clock_trusted=True, customers=2)
    events, customers, idle = events + read, customers + sent, 0 if read or sent else idle + 1
print(events, customers, flush=True)
"""


def start() -> "subprocess.Popen[str]":
    settings = connections["default"].settings_dict
    url = (
        f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
        f"&port={settings['PORT'] or 5432}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, NOW.isoformat()],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "huifang.config.settings_test"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("count", [2, 4])
def test_each_worker_has_its_share(count: int) -> None:
    live(priority=90)
    for number in range(PEOPLE):
        customer(f"W-{number}")
        for nth in range(EVENTS_EACH):
            at = START + timedelta(hours=1, seconds=number)
            name = "Payment Completed" if nth == 0 else "App Opened"
            insert_event(f"W-{number}", at=at, message_id=f"e-{number}-{nth}", name=name)
    workers = [start() for _ in range(count)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        said = [worker.communicate(timeout=SECONDS)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    events, contacted = zip(*(map(int, line.split()) for line in said), strict=True)
    assert sum(events) == PEOPLE * EVENTS_EACH
    assert sum(contacted) >= PEOPLE
    assert Attempt.objects.count() == PEOPLE
    assert Decision.objects.filter(stage="enrol").count() == PEOPLE
    # A third of an equal share, however the machine was busy meanwhile.
    assert min(events) >= PEOPLE * EVENTS_EACH / count / 3, events
    assert min(contacted) >= PEOPLE / count / 3, contacted
