"""Receipts and replies through the real webhooks: signed, stored before the 200, handled once."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from standardwebhooks.webhooks import Webhook
from tests.contract.delivery.providers import Answer, HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.customers import queries as customers
from huifang.delivery import notices, queries, sender, services
from huifang.delivery.channels.sms.twilio import sign
from huifang.delivery.models import Attempt, ChannelAccount, ProviderNotice, Reply, Slot
from huifang.delivery.records import AttemptSettled, ReplyReceived
from huifang.kernel import outbox
from huifang.kernel.ids import AttemptId, CustomerId

pytestmark = pytest.mark.django_db
RECORDED = Path(__file__).parents[2] / "contract"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every fact that is announced."""
    facts: list[object] = []
    monkeypatch.setattr(outbox, "record", lambda *told: facts.extend(told))
    return facts


def sent(now: Clock, **changes: object) -> Attempt:
    """An attempt that the provider has accepted."""
    attempt = queued(now, **changes)
    sender.send_batch("sms")
    attempt.refresh_from_db()
    return attempt


def queued(now: Clock, **changes: object) -> Attempt:
    customer_id = people.customer(now.at)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(customer_id=customer_id, **changes), now=now.at)
    return Attempt.objects.get(pk=attempt_id)


def tell(
    account: ChannelAccount, body: bytes, *, event_id: str = "msg_1", secret: str = people.SECRET
) -> int:
    """Post an event to the webhook as the provider would; returns the status."""
    at = datetime.fromtimestamp(time.time(), UTC)
    reply = Client().post(
        f"/hooks/sms/{account.pk}",
        body,
        content_type="application/json",
        headers={
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(event_id, at, body.decode()),
        },
    )
    return reply.status_code


def recorded(name: str) -> bytes:
    return (RECORDED / name).read_bytes()


def state_of(attempt: Attempt) -> tuple[str, str]:
    attempt.refresh_from_db()
    return attempt.state, attempt.reason


def test_a_receipt_makes_an_attempt_delivered(now: Clock, sms: HttpProvider, heard: list[object]) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = sent(now)
    assert tell(account, recorded("sms/delivered.json")) == 200
    assert notices.handle(now=now.at) == 1
    assert state_of(attempt) == ("delivered", "")
    told = [fact.outcome for fact in heard if isinstance(fact, AttemptSettled)]
    assert told == ["accepted", "delivered"]


def test_told_twice_is_handled_once(now: Clock, sms: HttpProvider, heard: list[object]) -> None:
    account = people.sms_account(sms.url, now.at)
    sent(now)
    for _ in range(3):
        assert tell(account, recorded("sms/delivered.json")) == 200
    assert ProviderNotice.objects.count() == 1
    assert notices.handle(now=now.at) == 1
    assert notices.handle(now=now.at) == 0
    told = [fact.outcome for fact in heard if isinstance(fact, AttemptSettled)]
    assert told == ["accepted", "delivered"]


def test_what_comes_late_does_not_take_back_a_delivery(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = sent(now)
    tell(account, recorded("sms/delivered.json"), event_id="a")
    tell(account, b'{"type": "message.undelivered", "data": {"id": "sms-enrolment:1:step:1"}}', event_id="b")
    notices.handle(now=now.at)
    assert state_of(attempt) == ("delivered", "")


def test_undelivered_is_failed_keeps_its_slots_and_retires_a_dead_number(
    now: Clock, sms: HttpProvider
) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = sent(now)
    slots = Slot.objects.count()
    tell(account, recorded("sms/undelivered.json"))
    notices.handle(now=now.at)
    assert state_of(attempt) == ("failed", "unassigned")
    assert Slot.objects.count() == slots == 5
    customer_id = CustomerId(attempt.customer_id)
    assert "sms" not in customers.standings(customer_ids=[customer_id])[customer_id].reachable_channels


def test_a_receipt_that_overtakes_the_answer_waits_for_it(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = queued(now)
    Attempt.objects.update(state="sending", claimed_by=1, account=account)
    tell(account, recorded("sms/delivered.json"))
    notices.handle(now=now.at)
    assert state_of(attempt)[0] == "sending"
    Attempt.objects.update(state="accepted", handed_over_at=now.at)
    assert notices.handle(now=now.at) == 0
    notices.handle(now=now.forward(timedelta(seconds=2)))
    assert state_of(attempt)[0] == "delivered"


def test_a_receipt_settles_what_was_unknown(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    sms.answer = lambda _: Answer(status=0, hang_up=True)
    attempt = sent(now)
    assert state_of(attempt)[0] == "unknown"
    tell(account, recorded("sms/delivered.json"))
    notices.handle(now=now.at)
    assert state_of(attempt)[0] == "delivered"


def test_a_receipt_ends_the_tries_of_what_may_have_gone(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at, honours_keys="yes")
    sms.answer = lambda _: Answer(status=0, hang_up=True)
    attempt = sent(now)
    assert state_of(attempt)[0] == "queued"
    tell(account, recorded("sms/delivered.json"))
    notices.handle(now=now.at)
    assert state_of(attempt)[0] == "delivered"
    now.forward(timedelta(minutes=1))
    sender.send_batch("sms")
    assert len(sms.posted) == 1


def test_a_receipt_of_nobodys_message_is_given_up_in_the_end(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    tell(account, b'{"type": "message.delivered", "data": {"id": "not-ours"}}')
    for _ in range(notices.TRIES_MAX):
        notices.handle(now=now.forward(timedelta(hours=2)))
    assert ProviderNotice.objects.get().outcome == "too_early"
    assert ProviderNotice.objects.get().handled_at is not None


@pytest.mark.parametrize("text", ["STOP", "退订", "ＴＤ", "t", "停"])
def test_a_no_by_reply_holds_on_every_channel(now: Clock, sms: HttpProvider, text: str) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = sent(now)
    body = {"type": "message.received", "data": {"id": "in", "from": people.PHONE, "text": text}}
    assert tell(account, json.dumps(body).encode()) == 200
    notices.handle(now=now.at)
    customer_id = CustomerId(attempt.customer_id)
    assert "*" in customers.standings(customer_ids=[customer_id])[customer_id].suppressed_channels
    assert ProviderNotice.objects.get().outcome == "refused"


def test_a_no_stops_what_waits_and_is_counted_against_what_it_follows(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    first = sent(now)
    with transaction.atomic():
        second_id = services.enqueue(
            attempt=wanted(1, 2, customer_id=CustomerId(first.customer_id), channel="email"), now=now.at
        )
    later = now.forward(timedelta(hours=1))
    for _ in range(2):
        services.note_refusal(customer_id=CustomerId(first.customer_id), channel="*", purpose="*", now=later)
    assert state_of(Attempt.objects.get(pk=second_id)) == ("withheld", "customer_refused")
    first.refresh_from_db()
    assert (first.state, first.refused_at) == ("accepted", later)


@pytest.mark.parametrize("contact_class", ["case", "security"])
def test_a_no_to_what_it_does_not_stop_is_counted_against_it_too(
    now: Clock, sms: HttpProvider, contact_class: str
) -> None:
    people.sms_account(sms.url, now.at)
    first = sent(now)
    Attempt.objects.filter(pk=first.pk).update(contact_class=contact_class)
    later = now.forward(timedelta(hours=1))
    services.note_refusal(customer_id=CustomerId(first.customer_id), channel="*", purpose="*", now=later)
    first.refresh_from_db()
    assert (first.state, first.refused_at) == ("accepted", later)


def test_another_reply_is_told_by_its_length_alone(
    now: Clock, sms: HttpProvider, heard: list[object]
) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = sent(now)
    body = {"type": "message.received", "data": {"id": "in", "from": "13800138000", "text": "很好,谢谢"}}
    tell(account, json.dumps(body).encode())
    notices.handle(now=now.at)
    assert heard[-1] == ReplyReceived(
        customer_id=CustomerId(attempt.customer_id),
        channel="sms",
        text_length=5,
        at=now.at,
        reply_id=Reply.objects.get().pk,
        attempt_id=AttemptId(attempt.pk),
        round_key=attempt.round_key,
    )
    assert queries.reply_text(reply_id=Reply.objects.get().pk) == "很好,谢谢"
    assert queries.reply_text(reply_id=0) == ""
    assert "谢谢".encode() not in bytes(Reply.objects.get().sealed_text)
    assert "谢谢".encode() not in bytes(ProviderNotice.objects.get().sealed_body)


def test_a_reply_from_nobody_we_wrote_to_is_kept_and_told_nobody(
    now: Clock, sms: HttpProvider, heard: list[object]
) -> None:
    account = people.sms_account(sms.url, now.at)
    body = {"type": "message.received", "data": {"id": "in", "from": "+8613900000000", "text": "hello"}}
    tell(account, json.dumps(body).encode())
    notices.handle(now=now.at)
    assert ProviderNotice.objects.get().outcome == "unknown_sender"
    assert heard == []


def test_a_bad_signature_stores_nothing(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    other = "whsec_" + "b3RoZXItb3RoZXItb3RoZXItIQ=="
    assert tell(account, recorded("sms/delivered.json"), secret=other) == 403
    assert ProviderNotice.objects.count() == 0


def test_an_unknown_account_and_a_visit_are_refused(now: Clock) -> None:
    assert Client().post("/hooks/sms/999", b"{}", content_type="application/json").status_code == 404
    assert Client().get("/hooks/sms/999").status_code == 404


def test_a_body_that_is_too_large_is_refused(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    assert tell(account, b" " * 70_000) == 413


def test_twilio_tells_receipts_and_replies_to_its_own_address(
    now: Clock, sms: HttpProvider, settings: object
) -> None:
    settings.PUBLIC_URL = "https://wallet.example"  # type: ignore[attr-defined]
    account = people.twilio_account(sms.url, now.at)
    sms.answer = lambda _: Answer(status=201, body={"sid": "SM7c0ffee0000000000000000000000001"})
    attempt = sent(now)
    callback = sms.posted[0].form["StatusCallback"]
    assert callback == f"https://wallet.example/hooks/twilio/{account.pk}?key=enrolment%3A1%3Astep%3A1"
    form = json.loads(recorded("twilio/delivered.json"))
    reply = Client().post(
        callback.removeprefix("https://wallet.example"),
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"x-twilio-signature": sign(callback, form, "token")},
    )
    assert (reply.status_code, reply["Content-Type"]) == (200, "text/xml")
    notices.handle(now=now.at)
    assert state_of(attempt)[0] == "delivered"


def test_a_notice_that_cannot_be_handled_holds_up_no_refusal_behind_it(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    attempt = sent(now)
    poison = json.dumps({"type": "message.delivered", "data": {"key": "enrolment:1\x00:step:1"}})
    assert tell(account, poison.encode(), event_id="msg_1") == 200
    reply = json.dumps({"type": "message.received", "data": {"from": people.PHONE, "text": "STOP"}})
    assert tell(account, reply.encode(), event_id="msg_2") == 200
    notices.handle(now=now.at)
    assert ProviderNotice.objects.get(event_id="msg_2").outcome == "refused"
    stuck = ProviderNotice.objects.get(event_id="msg_1")
    assert (stuck.handled_at, stuck.tries) == (None, 1)
    assert stuck.due_at > now.at
    assert customers.suppressions(customer_id=CustomerId(attempt.customer_id))


def test_a_signature_that_is_no_ascii_is_no_signature(now: Clock) -> None:
    account = people.twilio_account("http://127.0.0.1:1", now.at)
    reply = Client().post(
        f"/hooks/twilio/{account.pk}",
        urlencode({"MessageSid": "SM1"}),
        content_type="application/x-www-form-urlencoded",
        headers={"x-twilio-signature": "é"},
    )
    assert reply.status_code == 403
