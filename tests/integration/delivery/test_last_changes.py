"""What changes between the asking and the hand-over: the plan, the answer, the budget, the clock."""

from datetime import timedelta

import pytest
from django.db import transaction
from msgspec.structs import replace
from tests.contract.delivery.providers import Answer, HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.customers import services as customer_services
from huifang.customers.models import ContactPoint
from huifang.decisions.policy import CONTACT, Cap
from huifang.delivery import accounts, gate, queries, sender, services, sweeper
from huifang.delivery.models import Attempt, Slot
from huifang.kernel.ids import CustomerId, PlanId

pytestmark = pytest.mark.django_db
PLAN = PlanId(7)
MINUTE = timedelta(minutes=1)


def enqueue(now: Clock, customer_id: CustomerId, **changes: object) -> Attempt:
    attempt = wanted(customer_id=customer_id, plan_id=PLAN, **changes)  # type: ignore[arg-type]
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=attempt, now=now.at)
    return Attempt.objects.get(pk=attempt_id)


def state_of(attempt: Attempt) -> tuple[str, str]:
    attempt.refresh_from_db()
    return attempt.state, attempt.reason


def test_what_is_queued_of_a_paused_plan_waits_for_it(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, people.customer(now.at))
    services.hold_plan(plan_id=PLAN, is_ended=False, now=now.at)
    sender.send_batch("sms")
    assert (state_of(attempt), sms.posted) == (("queued", "plan_not_active"), [])
    assert sender.send_batch("sms") == 0
    services.release_plan(plan_id=PLAN, now=now.forward(MINUTE))
    assert sender.send_batch("sms") == 1
    assert state_of(attempt) == ("accepted", "")
    assert attempt.tries == 1


def test_a_pause_that_outlasts_the_deadline_contacts_nobody(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, people.customer(now.at), not_after=now.at + 2 * MINUTE)
    services.hold_plan(plan_id=PLAN, is_ended=False, now=now.at)
    sender.send_batch("sms")
    sweeper.sweep(now=now.forward(3 * MINUTE))
    services.release_plan(plan_id=PLAN, now=now.at)
    sender.send_batch("sms")
    assert (state_of(attempt), sms.posted) == (("expired", "expired"), [])


def test_what_is_queued_of_an_ended_plan_is_withheld(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, people.customer(now.at))
    services.hold_plan(plan_id=PLAN, is_ended=True, now=now.at)
    sender.send_batch("sms")
    assert (state_of(attempt), sms.posted) == (("withheld", "plan_not_active"), [])
    assert not Slot.objects.exists()


def test_an_answer_calls_off_the_reminder_that_is_queued(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    customer_id = people.customer(now.at)
    reminder = enqueue(now, customer_id, step=2)
    other = enqueue(now, people.customer(now.at, "wallet-2", phone="+8613900139000"), round_number=2)
    assert services.note_answer(customer_id=customer_id, round_key="enrolment:1", now=now.at) == 1
    assert services.note_answer(customer_id=customer_id, round_key="enrolment:1", now=now.at) == 0
    sender.send_batch("sms")
    assert state_of(reminder) == ("withheld", "already_answered")
    assert state_of(other) == ("accepted", "")
    assert len(sms.posted) == 1


def test_a_budget_that_became_smaller_binds_what_is_queued_already(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    accounts.follow_environment(now=now.at)
    customer_id = people.customer(now.at)
    first = enqueue(now, customer_id, channel="in_app")
    second = enqueue(now, customer_id, step=2)
    caps = (Cap(scope=CONTACT, limit=1, window=timedelta(days=1)),)
    tight = replace(queries.policy(), caps=caps)
    services.change_policy(policy=tight, by="person:1", now=now.forward(MINUTE))
    sender.send_batch("in_app")
    sender.send_batch("sms")
    assert state_of(first) == ("accepted", "")
    assert (state_of(second), sms.posted) == (("queued", "cap_reached"), [])
    assert second.due_at == now.at + timedelta(days=1)


def test_two_of_one_batch_see_each_other_in_the_smaller_budget(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    roomy = replace(queries.policy(), caps=())
    services.change_policy(policy=roomy, by="person:1", now=now.at - MINUTE)
    customer_id = people.customer(now.at)
    for step in (1, 2):
        enqueue(now, customer_id, step=step)
    caps = (Cap(scope="sms", limit=1, window=timedelta(days=1)),)
    tight = replace(queries.policy(), caps=caps)
    services.change_policy(policy=tight, by="person:1", now=now.forward(MINUTE))
    sender.send_batch("sms")
    assert len(sms.posted) == 1
    assert sorted(Attempt.objects.values_list("state", flat=True)) == ["accepted", "queued"]


def test_what_may_have_gone_is_not_asked_again_when_its_key_may_be_forgotten(
    now: Clock, sms: HttpProvider
) -> None:
    people.sms_account(sms.url, now.at, honours_keys="yes")
    attempt = enqueue(now, people.customer(now.at))
    sms.answer = lambda _: Answer(status=0, hang_up=True)
    sender.send_batch("sms")
    assert state_of(attempt) == ("queued", "no_answer")
    policy = queries.policy()
    on_weekends = {channel: replace(each, weekday=()) for channel, each in policy.hours.items()}
    now.forward(MINUTE)
    services.change_policy(policy=replace(policy, hours=on_weekends), by="person:1", now=now.at)
    sender.send_batch("sms")
    assert state_of(attempt)[0] == "unknown"
    assert Slot.objects.filter(scope="sms/86400", during__endswith__isnull=False).count() == 1
    assert len(sms.posted) == 1


def test_a_clock_in_doubt_hides_a_message_but_does_not_lose_it(now: Clock) -> None:
    accounts.follow_environment(now=now.at)
    customer_id = people.customer(now.at)
    attempt = enqueue(now, customer_id, channel="in_app")
    sender.send_batch("in_app")
    now.trusted = False
    assert services.fetch_inbox(customer_id=customer_id, now=now.at) == []
    assert state_of(attempt) == ("accepted", "")
    now.trusted = True
    assert len(services.fetch_inbox(customer_id=customer_id, now=now.at)) == 1


def test_a_message_that_was_fetched_is_shown_no_more_after_a_no(now: Clock) -> None:
    accounts.follow_environment(now=now.at)
    customer_id = people.customer(now.at)
    attempt = enqueue(now, customer_id, channel="in_app")
    sender.send_batch("in_app")
    assert len(services.fetch_inbox(customer_id=customer_id, now=now.at)) == 1
    customer_services.suppress(customer_id=customer_id, reason="asked", source="test", at=now.at)
    assert services.fetch_inbox(customer_id=customer_id, now=now.at) == []
    assert state_of(attempt) == ("delivered", "")


def test_a_refusal_from_before_a_contact_is_not_counted_against_it(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    customer_id = people.customer(now.at)
    attempt = enqueue(now, customer_id)
    sender.send_batch("sms")
    services.note_refusal(customer_id=customer_id, channel="*", purpose="*", now=now.at - MINUTE)
    attempt.refresh_from_db()
    assert attempt.refused_at is None


def test_one_address_that_cannot_be_read_costs_itself_alone(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    broken = enqueue(now, people.customer(now.at))
    whole = enqueue(now, people.customer(now.at, "wallet-2", phone="+8613900139000"), round_number=2)
    ContactPoint.objects.filter(customer_id=broken.customer_id).update(sealed=b"\x01" * 40)
    sender.send_batch("sms")
    assert state_of(broken) == ("failed", "unreadable:VaultError")
    assert state_of(whole) == ("accepted", "")


def test_where_the_rules_cannot_be_asked_nothing_leaves_and_nothing_is_unknown(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sms_account(sms.url, now.at)
    attempt = enqueue(now, people.customer(now.at))
    with monkeypatch.context() as patch:
        patch.setattr(gate, "calendar_around", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            sender.send_batch("sms")
    sweeper.sweep(now=now.at)
    assert (state_of(attempt)[0], attempt.tries, sms.posted) == ("queued", 0, [])
    now.forward(MINUTE)
    sender.send_batch("sms")
    assert state_of(attempt) == ("accepted", "")
