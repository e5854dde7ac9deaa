"""From the queue to the provider: the last gate, retries, what is unknown, what a failure teaches."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from tests.contract.delivery.providers import Answer, HttpProvider, MailServer, Posted
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import NOON, wanted

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.customers.models import Customer
from huifang.delivery import accounts, sender, services, sweeper
from huifang.delivery.models import Attempt, ChannelAccount, Slot
from huifang.delivery.records import AttemptSettled
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db


def enqueue(now: Clock, **changes: object) -> Attempt:
    if "customer_id" not in changes:
        changes["customer_id"] = people.customer(now.at)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(**changes), now=now.at)  # type: ignore[arg-type]
    return Attempt.objects.get(pk=attempt_id)


def whose(attempt: Attempt) -> CustomerId:
    return CustomerId(attempt.customer_id)


def state_of(attempt: Attempt) -> tuple[str, str]:
    attempt.refresh_from_db()
    return attempt.state, attempt.reason


def test_a_message_goes_out_in_the_customers_language_with_everything_filled(
    now: Clock, sms: HttpProvider
) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, language="zh-Hans")
    assert sender.send_batch("sms") == 1
    assert state_of(attempt) == ("accepted", "")
    assert sms.posted[0].json == {
        "id": "enrolment:1:step:1",
        "to": people.PHONE,
        "text": "Spruce Wallet:请告诉我们:https://wallet.example/s/abc",
    }
    assert state_of(attempt) == ("accepted", "")
    assert attempt.provider_message_id == "sms-enrolment:1:step:1"
    assert attempt.handed_over_at == NOON
    assert sender.send_batch("sms") == 0
    assert len(sms.posted) == 1


def test_mail_goes_out_over_smtp(now: Clock, mail: MailServer) -> None:
    people.mail_account(mail.url, now.at)
    attempt = enqueue(now, channel="email")
    sender.send_batch("email")
    assert state_of(attempt) == ("accepted", "")
    assert mail.recipients == [people.MAIL]
    assert mail.mails[0]["Subject"] == "How was it?"


def test_a_refusal_that_arrives_before_hand_over_stops_it(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    customer_services.suppress(
        customer_id=whose(attempt), reason="asked", source="test", at=now.forward(timedelta(seconds=5))
    )
    sender.send_batch("sms")
    assert sms.posted == []
    assert state_of(attempt) == ("withheld", "suppressed")
    assert Slot.objects.count() == 0


def test_withdrawn_consent_stops_it(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    customer_services.record_consent(
        customer_id=whose(attempt),
        purpose="service_follow_up",
        given=False,
        source="test",
        at=now.forward(timedelta(seconds=1)),
    )
    sender.send_batch("sms")
    assert state_of(attempt) == ("withheld", "no_consent")
    assert sms.posted == []


def test_the_gate_is_asked_anew_where_the_batch_took_too_long(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "GATE_SECONDS", -1.0)
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sender.send_batch("sms")
    assert state_of(attempt) == ("queued", "")
    assert (attempt.tries, attempt.account_id) == (0, None)
    assert sms.posted == []


def test_a_batch_that_is_too_slow_shrinks_until_something_leaves(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a provider that takes a second a message, two hundred would never pass a gate of three seconds."""
    monkeypatch.setattr(sender, "GATE_SECONDS", 0.5)
    monkeypatch.setattr(sender, "THREADS", 2)
    people.sms_account(sms.url, now.at)
    taken = sms.answer

    def slowly(posted: Posted) -> Answer:
        time.sleep(0.2)
        return taken(posted)

    sms.answer = slowly
    for number in range(20):
        phone, mail = f"+86138001380{number:02}", f"{number}@c.example"
        customer_id = people.customer(now.at, f"wallet-{number}", phone=phone, email=mail)
        with transaction.atomic():
            services.enqueue(attempt=wanted(number, customer_id=customer_id), now=now.at)
    sender.send_batch("sms")
    assert Attempt.objects.filter(state="queued").count() > 0
    for _ in range(20):
        sender.send_batch("sms")
    assert Attempt.objects.filter(state="accepted").count() == 20
    assert len(sms.posted) == 20


def test_in_quiet_hours_a_message_waits_for_the_morning(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    now.forward(timedelta(hours=10))  # 22:00 in Shanghai
    sender.send_batch("sms")
    assert state_of(attempt) == ("queued", "quiet_hours")
    assert attempt.due_at == NOON + timedelta(hours=21)
    now.forward(timedelta(hours=11))
    sender.send_batch("sms")
    assert state_of(attempt) == ("accepted", "")


def test_where_no_allowed_hour_is_left_nothing_is_sent(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, not_after=NOON + timedelta(hours=12))
    now.forward(timedelta(hours=10))
    sender.send_batch("sms")
    assert state_of(attempt) == ("withheld", "no_window")
    assert sms.posted == []


@pytest.mark.parametrize(("hour", "minute", "posted"), [(12, 59, 0), (13, 0, 1)])
def test_hours_follow_the_customers_clock_when_it_changes(
    now: Clock, sms: HttpProvider, hour: int, minute: int, posted: int
) -> None:
    """On 9 March 2025 New York went to summer time: nine in the morning is 13:00 UTC, not 14:00."""
    now.at = NOON.replace(day=9, hour=hour, minute=minute)
    people.sms_account(sms.url, now.at)
    customer_id = people.customer(now.at, timezone="America/New_York")
    enqueue(now, customer_id=customer_id)
    sender.send_batch("sms")
    assert len(sms.posted) == posted


def test_an_unknown_zone_means_no_contact(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    customer_id = people.customer(now.at)
    Customer.objects.filter(pk=customer_id).update(time_zone="")
    attempt = enqueue(now, customer_id=customer_id)
    sender.send_batch("sms")
    assert state_of(attempt) == ("withheld", "unknown_zone")


def test_while_the_clock_is_in_doubt_nothing_moves(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    now.trusted = False
    assert sender.send_batch("sms") == 0
    assert state_of(attempt) == ("queued", "")


def test_a_clock_that_jumps_between_claim_and_gate_sends_nothing(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    claim = sender.claim

    def claim_then_jump(*args: object, **kwargs: object) -> object:
        claimed = claim(*args, **kwargs)  # type: ignore[arg-type]
        now.trusted = False
        return claimed

    monkeypatch.setattr(sender, "claim", claim_then_jump)
    sender.send_batch("sms")
    assert sms.posted == []
    assert state_of(attempt) == ("queued", "clock_unsure")


def test_a_busy_provider_is_tried_again_with_growing_pauses_until_it_takes_it(
    now: Clock, sms: HttpProvider
) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    taken = sms.answer
    sms.answer = lambda _: Answer(status=503)
    sender.send_batch("sms")
    assert state_of(attempt) == ("queued", "http_503")
    assert timedelta(seconds=7) < attempt.due_at - now.at < timedelta(seconds=13)
    assert sender.send_batch("sms") == 0
    sms.answer = taken
    now.forward(timedelta(seconds=13))
    sender.send_batch("sms")
    assert state_of(attempt) == ("accepted", "")
    assert attempt.tries == 2


def test_the_provider_says_how_long_to_wait(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sms.answer = lambda _: Answer(status=429, headers={"Retry-After": "120"})
    sender.send_batch("sms")
    attempt.refresh_from_db()
    assert attempt.due_at == now.at + timedelta(seconds=120)


def test_tries_end_and_the_budget_is_given_back(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sms.answer = lambda _: Answer(status=500)
    for _ in range(8):
        sender.send_batch("sms")
        now.forward(timedelta(minutes=40))
        ChannelAccount.objects.update(resting_until=0)
    assert state_of(attempt) == ("failed", "http_500")
    assert len(sms.posted) == 8
    assert Slot.objects.count() == 0


def test_a_time_out_after_hand_over_is_unknown_and_never_sent_again(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sms.answer = lambda _: Answer(status=0, hang_up=True)
    sender.send_batch("sms")
    assert state_of(attempt) == ("unknown", "no_answer")
    now.forward(timedelta(hours=2))
    sender.send_batch("sms")
    sweeper.sweep(now=now.at)
    assert len(sms.posted) == 1
    assert Slot.objects.filter(scope="sms/86400").count() == 1


def test_where_the_provider_honours_keys_a_lost_answer_is_asked_again_with_the_same_key(
    now: Clock, sms: HttpProvider
) -> None:
    people.sms_account(sms.url, now.at, honours_keys="yes")
    attempt = enqueue(now)
    taken = sms.answer
    sms.answer = lambda _: Answer(status=0, hang_up=True)
    sender.send_batch("sms")
    assert state_of(attempt) == ("queued", "no_answer")
    sms.answer = taken
    now.forward(timedelta(seconds=15))
    sender.send_batch("sms")
    assert state_of(attempt) == ("accepted", "")
    keys = [posted.headers["idempotency-key"] for posted in sms.posted]
    assert keys == ["enrolment:1:step:1", "enrolment:1:step:1"]


def test_a_message_that_may_have_gone_keeps_its_place_in_the_budget_after_a_refusal(
    now: Clock, sms: HttpProvider
) -> None:
    people.sms_account(sms.url, now.at, honours_keys="yes")
    attempt = enqueue(now)
    sms.answer = lambda _: Answer(status=0, hang_up=True)
    sender.send_batch("sms")
    customer_services.suppress(customer_id=whose(attempt), reason="asked", source="test", at=now.at)
    now.forward(timedelta(seconds=15))
    sender.send_batch("sms")
    assert state_of(attempt) == ("unknown", "suppressed")
    assert len(sms.posted) == 1
    assert Slot.objects.filter(scope="contact/86400").count() == 1


def test_a_number_that_is_nobodys_is_retired(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sms.answer = lambda _: Answer(status=422, body={"error": "unknown_number"})
    sender.send_batch("sms")
    assert state_of(attempt) == ("failed", "unknown_number")
    standing = customers.standings(customer_ids=[whose(attempt)])[whose(attempt)]
    assert "sms" not in standing.reachable_channels


def test_a_provider_that_knows_of_a_refusal_is_heard(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sms.answer = lambda _: Answer(status=422, body={"error": "unsubscribed"})
    sender.send_batch("sms")
    standing = customers.standings(customer_ids=[whose(attempt)])[whose(attempt)]
    assert "*" in standing.suppressed_channels


def test_a_variable_that_is_missing_sends_nothing(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, variables={})
    sender.send_batch("sms")
    assert state_of(attempt) == ("withheld", "missing:link")
    assert sms.posted == []


def test_refused_credentials_let_the_account_rest_and_the_next_one_takes_over(
    now: Clock, sms: HttpProvider
) -> None:
    second = people.twilio_account(sms.url, now.at)
    ChannelAccount.objects.filter(pk=second.pk).update(priority=2)
    first = people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sms.answer = lambda posted: (
        Answer(status=201, body={"sid": "SM1"}) if "Accounts" in posted.path else Answer(status=401)
    )
    sender.send_batch("sms")
    assert state_of(attempt) == ("queued", "http_401")
    now.forward(timedelta(seconds=15))
    sender.send_batch("sms")
    assert state_of(attempt) == ("accepted", "")
    assert attempt.account_id == second.pk != first.pk


def test_the_pace_holds_the_rest_back(now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    second = time.time()
    steady = SimpleNamespace(time=lambda: second)  # however long the machine takes
    monkeypatch.setattr(accounts, "time", steady)
    account = people.sms_account(sms.url, now.at)
    ChannelAccount.objects.filter(pk=account.pk).update(per_second=3)
    for number in range(10):
        phone = f"+861380013800{number}"
        customer_id = people.customer(now.at, f"wallet-{number}", phone=phone, email=f"{number}@c.example")
        with transaction.atomic():
            services.enqueue(attempt=wanted(number, customer_id=customer_id), now=now.at)
    assert sender.send_batch("sms") == 3
    assert sender.send_batch("sms") == 0
    assert len(sms.posted) == 3
    second += 1
    assert sender.send_batch("sms") == 3


def test_security_goes_before_what_waited_longer(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    ChannelAccount.objects.filter(pk=account.pk).update(per_second=1)
    first = enqueue(now)
    now.forward(timedelta(minutes=1))
    urgent = enqueue(now, round_number=2, contact_class="security", customer_id=first.customer_id)
    sender.send_batch("sms")
    assert state_of(urgent)[0] == "accepted"
    assert state_of(first)[0] == "queued"


def test_without_an_account_an_attempt_waits_and_then_expires(now: Clock) -> None:
    attempt = enqueue(now)
    assert sender.send_batch("sms") == 0
    now.forward(timedelta(days=3))
    assert sweeper.sweep(now=now.at) == 1
    assert state_of(attempt) == ("expired", "expired")
    assert Slot.objects.count() == 0


def test_each_outcome_is_told(now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[AttemptSettled] = []
    monkeypatch.setattr(outbox, "record", lambda *facts: heard.extend(facts))
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now)
    sender.send_batch("sms")
    assert [(fact.key, fact.outcome, fact.at) for fact in heard if isinstance(fact, AttemptSettled)] == [
        (attempt.key, "accepted", NOON)
    ]
