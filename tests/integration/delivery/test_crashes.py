"""A worker that is killed in the middle of a send: whatever happens, the customer hears at most once."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from tests.contract.delivery.providers import Answer, HttpProvider, Posted, sms_ok
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.delivery import leases, sender, services, store, sweeper
from huifang.delivery.models import Attempt, Sender, Slot
from huifang.delivery.rules.backoff import TRIES_MAX
from huifang.kernel import clock

pytestmark = pytest.mark.django_db(transaction=True)

_WORKER = """
    import os, django
    os.environ["DJANGO_SETTINGS_MODULE"] = "huifang.config.settings_test"
    os.environ["DATABASE_URL"] = {url!r}
    django.setup()
    from datetime import datetime
    from huifang.kernel import clock
    from huifang.delivery import sender
    sender.GATE_SECONDS = 60.0
    clock.now = lambda: datetime.fromisoformat({now!r})
    sender.send_batch("sms")
"""


def database_url() -> str:
    place = connection.settings_dict
    query = f"?host={place['HOST']}" + (f"&port={place['PORT']}" if place["PORT"] else "")
    user = f"{place['USER']}@" if place["USER"] else ""
    return f"postgresql://{user}/{place['NAME']}{query}"


def kill_while_sending(now: Clock, sms: HttpProvider) -> None:
    """Start a worker of its own, and kill -9 it once the provider has the message and before it answers."""
    arrived, answer = threading.Event(), threading.Event()

    def hold(posted: Posted) -> Answer:
        arrived.set()
        answer.wait(20)
        return sms_ok(posted)

    sms.answer = hold
    code = textwrap.dedent(_WORKER).format(url=database_url(), now=now.at.isoformat())
    worker = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    try:
        assert arrived.wait(90), "the worker never reached the provider"
        worker.send_signal(signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()
        answer.set()
    sms.answer = sms_ok
    let_leases_run_out()


def let_leases_run_out() -> None:
    """As after half a minute in which nobody renewed them."""
    Sender.objects.update(
        alive_until=Sender.objects.get().alive_until - timedelta(seconds=2 * leases.SECONDS)
    )


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


def enqueue(now: Clock) -> Attempt:
    customer_id = people.customer(now.at)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(customer_id=customer_id), now=now.at)
    return Attempt.objects.get(pk=attempt_id)


def enqueue_many(now: Clock, count: int) -> None:
    """One message for each of *count* customers."""
    for number in range(count):
        phone, mail = f"+86138001380{number:02}", f"{number}@c.example"
        customer_id = people.customer(now.at, f"wallet-{number}", phone=phone, email=mail)
        with transaction.atomic():
            services.enqueue(attempt=wanted(number, customer_id=customer_id), now=now.at)


def test_killed_mid_send_the_outcome_is_unknown_and_nothing_is_sent_again(
    now: Clock, sms: HttpProvider
) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    kill_while_sending(now, sms)
    attempt.refresh_from_db()
    assert attempt.state == "sending"
    assert sender.send_batch("sms") == 0
    assert sweeper.settle_orphans(now=clock.now()) == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.reason) == ("unknown", "worker_lost")
    sender.send_batch("sms")
    assert len(sms.posted) == 1
    assert Slot.objects.filter(scope="sms/86400").count() == 1


def test_killed_mid_send_what_was_not_in_hand_yet_is_sent_after_all(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    enqueue_many(now, 40)
    kill_while_sending(now, sms)
    assert sweeper.settle_orphans(now=clock.now()) == 40
    unknown = Attempt.objects.filter(state="unknown", reason="worker_lost").count()
    assert 1 <= unknown <= 2 * sender.THREADS
    while sender.send_batch("sms"):
        pass
    keys = [posted.json["id"] for posted in sms.posted]
    assert len(keys) == len(set(keys))
    assert Attempt.objects.filter(state="accepted").count() == 40 - unknown


def test_a_provider_does_not_act_on_half_a_request(sms: HttpProvider) -> None:
    """What a worker had begun to say when it was killed counts as not said, as with real providers."""
    place = urlsplit(sms.url)
    with socket.create_connection((place.hostname, place.port), 20) as line:
        line.sendall(b"POST / HTTP/1.1\r\nhost: sms\r\ncontent-length: 20\r\n\r\n{")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1) == b""  # it hung up without an answer
    assert sms.posted == []


def test_a_message_that_costs_every_worker_its_life_is_given_up(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    for _ in range(TRIES_MAX):
        with leases.held() as lease:
            assert sender.claim("sms", lease.number, now=now.at)
            let_leases_run_out()  # before anything was handed over
            assert sweeper.settle_orphans(now=now.at) == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.reason) == ("failed", "worker_lost")
    assert sms.posted == []


def test_killed_mid_send_a_provider_that_honours_keys_is_asked_with_the_same_key(
    now: Clock, sms: HttpProvider
) -> None:
    account = people.sms_account(sms.url, now.at, honours_keys="yes")
    attempt = enqueue(now)
    kill_while_sending(now, sms)
    assert sweeper.settle_orphans(now=clock.now()) == 1
    assert sender.send_batch("sms") == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.account_id) == ("accepted", account.pk)
    assert {posted.headers["idempotency-key"] for posted in sms.posted} == {attempt.key}


def test_a_worker_that_lives_is_left_alone_however_long_it_takes(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SECONDS", 2.0)  # shorter than the send, so that it must be renewed
    monkeypatch.setattr(sender, "_TICK_SECONDS", 0.1)
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    arrived, answer = threading.Event(), threading.Event()

    def hold(posted: Posted) -> Answer:
        arrived.set()
        answer.wait(20)
        return sms_ok(posted)

    sms.answer = hold

    def work() -> None:
        sender.send_batch("sms")
        connection.close()

    working = threading.Thread(target=work)
    working.start()
    assert arrived.wait(20)
    began = Sender.objects.get().alive_until
    wait_for(lambda: Sender.objects.get().alive_until > began + timedelta(seconds=2))
    assert sweeper.settle_orphans(now=clock.now()) == 0
    assert Attempt.objects.get(pk=attempt.pk).state == "sending"
    answer.set()
    working.join()
    assert Attempt.objects.get(pk=attempt.pk).state == "accepted"


def test_two_workers_at_once_send_each_message_once(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    enqueue_many(now, 30)

    def work() -> None:
        while sender.send_batch("sms"):
            pass
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    keys = [posted.json["id"] for posted in sms.posted]
    assert len(keys) == len(set(keys)) == 30
    assert Attempt.objects.filter(state="accepted").count() == 30


def test_what_one_worker_has_claimed_another_passes_over(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    enqueue_many(now, 5)

    def claimed(worker: int, limit: int) -> set[int]:
        return {each.pk for each in store.claim(account, limit, worker=worker, takes_all=True, now=now.at)}

    others: set[int] = set()

    def look() -> None:
        others.update(claimed(2, 9))
        connection.close()

    beside = threading.Thread(target=look)
    with transaction.atomic():
        mine = claimed(1, 2)
        beside.start()
        beside.join(5)  # it passes over the two; if it waited for them instead, it would take them after us
    beside.join(30)
    assert (len(mine), len(others)) == (2, 3)
    assert not mine & others


def test_a_worker_that_was_given_up_does_not_overwrite_what_was_settled(
    now: Clock, sms: HttpProvider
) -> None:
    """Its line to the database broke while it was sending; when it comes back, the attempt is not its own."""
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    answered = sms.answer

    def lose(posted: Posted) -> Answer:
        Attempt.objects.filter(pk=attempt.pk).update(state="unknown", claimed_by=None, handed_over_at=now.at)
        connection.close()
        return answered(posted)

    sms.answer = lose
    assert sender.send_batch("sms") == 0
    assert Attempt.objects.get(pk=attempt.pk).state == "unknown"


def test_a_worker_whose_lease_ran_out_hands_over_nothing_more(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stopped for a minute, and the sweeper took over what it held: nothing of that may leave now."""
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    checked = sender.gate.check

    def stop_for_a_minute(*args: object, **kwargs: object) -> object:
        let_leases_run_out()
        assert sweeper.settle_orphans(now=clock.now()) == 1
        monkeypatch.setattr(leases, "SECONDS", 0.0)  # so that it looks at its lease at once
        return checked(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(sender.gate, "check", stop_for_a_minute)
    assert sender.send_batch("sms") == 0
    assert sms.posted == []
    assert Attempt.objects.get(pk=attempt.pk).state == "queued"
