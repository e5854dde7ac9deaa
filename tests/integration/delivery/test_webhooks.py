"""Outgoing webhooks, told to a real receiver: signed, once by number, again after failure, never blocking."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from tests.contract.delivery.providers import Answer, HttpProvider, Posted
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted
from tests.integration.delivery.receivers import Receiver, receiver

from huifang.delivery import queries, sender, services, webhook_sender, webhooks
from huifang.delivery.errors import (
    WebhookAddressError,
    WebhookForbiddenError,
    WebhookKindError,
    WebhookNameTakenError,
)
from huifang.delivery.models import WebhookDelivery, WebhookEndpoint
from huifang.delivery.records import Told, WebhookDraft
from huifang.delivery.rules.webhook_facts import KINDS
from huifang.kernel import outward
from huifang.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture(autouse=True)
def _no_turn_is_left_over(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(webhook_sender, "_COOL_SECONDS", 0.0)
    yield
    webhook_sender.wait(20)


def subscribe(now: Clock, program: Receiver, *, name: str = "crm", kinds: tuple[str, ...] = ()) -> int:
    draft = WebhookDraft(id=None, name=name, url=program.url, kinds=kinds or tuple(KINDS))
    endpoint_id, secret = services.save_webhook(draft=draft, by="person:1", now=now.at)
    program.secrets = [secret]
    return endpoint_id


def tell(now: Clock, number: int = 1, kind: str = "response.completed") -> None:
    told = Told(kind=kind, key=str(number), data={"response_id": number}, at=now.at)
    with transaction.atomic():
        services.tell_webhooks(told=told, now=now.at)


def states() -> list[tuple[str, int]]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", "tries"))


def test_what_became_of_an_attempt_is_told_signed_and_without_a_word_of_the_message(
    now: Clock, program: Receiver, sms: HttpProvider
) -> None:
    subscribe(now, program)
    people.sms_account(sms.url, now.at)
    with transaction.atomic():
        services.enqueue(attempt=wanted(customer_id=people.customer(now.at), plan_id=7), now=now.at)
    sender.send_batch("sms")
    assert webhook_sender.serve(WebhookEndpoint.objects.get().pk) == 1
    (told,) = program.heard.values()
    assert told["type"] == "attempt.settled"
    assert told["timestamp"] == now.at.isoformat()
    assert told["data"]["outcome"] == "accepted"
    assert told["data"]["external_id"] == "wallet-1"
    assert told["data"]["plan_id"] == 7
    plain = str(told)
    assert people.PHONE not in plain
    assert people.MAIL not in plain
    assert "tell us" not in plain
    assert states() == [("delivered", 1)]


def test_a_fact_that_is_told_twice_is_delivered_once(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    tell(now)
    tell(now)
    webhook_sender.serve(endpoint_id)
    assert len(program.requests) == 1


def test_nobody_hears_what_they_did_not_subscribe_to(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program, kinds=("plan.paused",))
    tell(now)
    assert webhook_sender.serve(endpoint_id) == 0
    assert states() == []


def test_a_failure_is_tried_again_with_growing_pauses_by_the_same_number_then_parked(
    now: Clock, program: Receiver
) -> None:
    endpoint_id = subscribe(now, program)
    tell(now)
    program.provider.answer = lambda _: Answer(status=500)
    pauses = []
    for _ in range(20):
        webhook_sender.serve(endpoint_id)
        row = WebhookDelivery.objects.get()
        if row.state != "waiting":
            break
        pauses.append(row.due_at - now.at)
        now.at = row.due_at
    assert pauses == sorted(pauses)
    assert pauses[0] < timedelta(seconds=6)
    assert len(pauses) == 9
    assert (row.state, row.status, row.tries) == ("parked", 500, 10)
    assert len({posted.headers["webhook-id"] for posted in program.provider.posted}) == 1
    program.provider.answer = program.take
    assert services.replay_webhook(endpoint_id=endpoint_id, delivery_id=None, by="person:1", now=now.at) == 1
    assert webhook_sender.serve(endpoint_id) == 1
    assert WebhookEndpoint.objects.get().failing_since is None
    assert AuditEntry.objects.filter(action="webhook.replayed").count() == 1


def test_what_failed_comes_later_than_what_followed_it(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    tell(now, 1)
    program.provider.answer = lambda _: Answer(status=503, headers={"retry-after": "60"})
    webhook_sender.serve(endpoint_id)
    program.provider.answer = program.take
    tell(now, 2)
    webhook_sender.serve(endpoint_id)
    assert [told["data"]["response_id"] for told in program.heard.values()] == [2]
    now.forward(timedelta(seconds=61))
    webhook_sender.serve(endpoint_id)
    assert [told["data"]["response_id"] for told in program.heard.values()] == [2, 1]


def test_410_switches_it_off_and_parks_what_waits(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    tell(now, 1)
    tell(now, 2)
    program.provider.answer = lambda _: Answer(status=410)
    webhook_sender.serve(endpoint_id)
    record = queries.webhook(endpoint_id=endpoint_id)
    assert (record.is_enabled, record.stopped_reason, record.parked) == (False, "gone", 2)
    tell(now, 3)
    assert WebhookDelivery.objects.count() == 2


def test_a_program_that_takes_nothing_for_five_days_is_switched_off(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    program.provider.answer = lambda _: Answer(status=500)
    for day in range(7):
        tell(now, day)
        webhook_sender.serve(endpoint_id)
        now.forward(timedelta(days=1))
    record = queries.webhook(endpoint_id=endpoint_id)
    assert (record.is_enabled, record.stopped_reason) == (False, "failing")


def test_two_secrets_hold_for_a_day_when_one_takes_over(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    old = program.secrets[0]
    new = services.rotate_webhook_secret(endpoint_id=endpoint_id, by="person:1", now=now.at)
    assert new != old
    program.secrets = [old, new]  # the receiver checks by each in turn
    tell(now, 1)
    assert webhook_sender.serve(endpoint_id) == 1
    now.forward(timedelta(hours=25))
    tell(now, 2)
    program.secrets = [new]
    assert webhook_sender.serve(endpoint_id) == 1
    assert len(program.provider.posted[-1].headers["webhook-signature"].split()) == 1


def test_a_receiver_that_hangs_holds_up_no_other(now: Clock, program: Receiver) -> None:
    let_go = threading.Event()

    def hang(_: Posted) -> Answer:
        let_go.wait(20)
        return Answer(status=204)

    with receiver() as stuck:
        subscribe(now, stuck, name="stuck")
        stuck.provider.answer = hang
        subscribe(now, program, name="quick")
        tell(now)
        assert webhook_sender.send_due(now=now.at) == 2
        until = time.monotonic() + 10
        while not program.heard and time.monotonic() < until:
            time.sleep(0.02)
        assert program.heard
        assert not stuck.heard
        tell(now, 2)  # while the other one still hangs
        while len(program.heard) < 2 and time.monotonic() < until:
            webhook_sender.send_due(now=now.at)
            time.sleep(0.02)
        assert len(program.heard) == 2
        let_go.set()
        webhook_sender.wait(20)


def test_a_worker_that_is_killed_in_a_call_leaves_it_to_the_next_by_the_same_number(
    now: Clock, program: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_id = subscribe(now, program)
    tell(now)
    monkeypatch.setattr(webhook_sender, "_let_go", lambda *_, **__: None)

    def die(*_: object, **__: object) -> None:
        raise SystemExit  # after the receiver took it, before anything is written

    with monkeypatch.context() as killed:
        killed.setattr(webhook_sender, "_settle", die)
        with pytest.raises(SystemExit):
            webhook_sender.serve(endpoint_id)
    assert webhook_sender.serve(endpoint_id) == 0  # the dead one's minute is not over
    WebhookEndpoint.objects.update(busy_until=None)
    assert webhook_sender.serve(endpoint_id) == 1
    assert len(program.requests) == 2
    assert len(program.heard) == 1


def test_two_workers_never_call_one_endpoint_at_once(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    tell(now)
    assert webhook_sender._take_hold(endpoint_id)
    assert webhook_sender.serve(endpoint_id) == 0
    assert program.requests == []


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("ftp://x.example", WebhookAddressError),
        ("https://user:secret@x.example", WebhookAddressError),
        ("https://x .example", WebhookAddressError),
        ("http://169.254.169.254/latest", WebhookForbiddenError),
        ("http://10.0.0.1/", WebhookForbiddenError),
        ("http://[::ffff:10.0.0.1]/", WebhookForbiddenError),
    ],
)
def test_an_address_that_must_not_be_called_is_refused(
    now: Clock, url: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.save_webhook(
            draft=WebhookDraft(id=None, name="x", url=url, kinds=("plan.paused",)), by="person:1", now=now.at
        )


def test_an_address_that_moves_inside_later_is_not_called(
    now: Clock, program: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_id = subscribe(now, program)
    tell(now)
    monkeypatch.setattr(outward, "_networks", list)
    url = program.url.replace("127.0.0.1", "localhost")  # no connection is kept to this name
    WebhookEndpoint.objects.update(url=url)
    webhook_sender.serve(endpoint_id)
    assert program.provider.posted == []
    assert WebhookDelivery.objects.get().error == "address_forbidden"


def test_names_are_unique_and_kinds_are_known(now: Clock, program: Receiver) -> None:
    subscribe(now, program)
    with pytest.raises(WebhookNameTakenError):
        subscribe(now, program)
    with pytest.raises(WebhookKindError):
        subscribe(now, program, name="other", kinds=("everything",))


def test_secrets_are_sealed(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    row = WebhookEndpoint.objects.get(pk=endpoint_id)
    assert program.secrets[0].encode() not in bytes(row.sealed_secrets)
    assert webhooks.secrets_of(row, now=now.at) == program.secrets


def test_a_coupon_is_told_whole_and_shown_to_nobody(now: Clock, program: Receiver) -> None:
    endpoint_id = subscribe(now, program)
    told = Told(kind="reward.issued", key="enrolment:1", data={"code": "SPEND-ME-77", "points": 0}, at=now.at)
    with transaction.atomic():
        services.tell_webhooks(told=told, now=now.at)
    assert webhook_sender.serve(endpoint_id) == 1
    assert "SPEND-ME-77" in str(list(program.heard.values()))
    (record,) = queries.webhook_deliveries(endpoint_id=endpoint_id, state="", limit=9)
    assert "SPEND-ME-77" not in record.body
    assert '"points":0' in record.body
    row = WebhookDelivery.objects.get()
    assert "SPEND-ME-77" not in row.body
    assert b"SPEND-ME-77" not in bytes(row.sealed_body or b"")
    services.replay_webhook(endpoint_id=endpoint_id, delivery_id=row.pk, by="person:1", now=now.at)
    webhook_sender.serve(endpoint_id)
    assert len(program.requests) == 2  # signed over the same words as before: the receiver checks it


def test_what_has_no_secret_is_stored_once_and_plain(now: Clock, program: Receiver) -> None:
    subscribe(now, program)
    tell(now)
    assert WebhookDelivery.objects.get().sealed_body is None


def test_a_new_endpoint_has_its_turn_before_those_that_had_theirs(now: Clock, program: Receiver) -> None:
    old = [subscribe(now, program, name=f"old-{number}") for number in range(3)]
    tell(now)
    for endpoint_id in old:
        webhook_sender.serve(endpoint_id)
    new = subscribe(now, program, name="new")
    tell(now, 2)
    time.sleep(0.01)
    assert webhook_sender._due(now.at, limit=1) == [new]
    assert webhook_sender._due(now.at, limit=9) == [new, *old]
