"""One event, customer or follow-up that makes the product fail is set aside visibly, and the others go on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from tests.integration.plans.makers import START, customer, enrolment, happen, insert_event, live, work

from huifang.delivery.queries import attempts_of
from huifang.kernel import outbox
from huifang.kernel.models import OutboxEntry
from huifang.plans import course, entering, runner, services
from huifang.plans.dispatcher import dispatch
from huifang.plans.models import Enrolment
from huifang.plans.poison import each_alone
from huifang.plans.runner import run
from huifang.plans.sweeps import sweep

HOUR = timedelta(hours=1)
NOW = START + 2 * HOUR


def _parked() -> list[tuple[str, str]]:
    rows = OutboxEntry.objects.filter(is_parked=True).order_by("pk")
    return [(row.fact_type, row.last_error) for row in rows]


def _retry(now: datetime) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huifang.kernel.clock.now", lambda: now)
        outbox.retry_parked(now=now)
        outbox.relay(now=now)


@pytest.mark.django_db(transaction=True)
def test_a_poisonous_event_holds_up_nobody_and_can_be_retried_by_hand():
    live()
    names = [f"W-{number}" for number in range(9)]
    ids = {name: customer(name) for name in names}
    for name in names:
        insert_event(name, at=START + HOUR, message_id=f"m-{name}")
    original = entering.enter

    def enter(plan: Any, subject: Any, *args: Any, **more: Any) -> Any:
        if subject.standing.external_id == "W-4":
            raise ValueError("poison")
        return original(plan, subject, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entering, "enter", enter)
        while run(now=NOW, clock_trusted=True):
            pass
        assert _parked() == [("EventStuck", "ValueError")]
        assert Enrolment.objects.count() == 8
        _retry(NOW)
        assert Enrolment.objects.filter(customer_id=ids["W-4"]).count() == 0
        assert OutboxEntry.objects.count() == 1
    OutboxEntry.objects.update(is_parked=True)
    _retry(NOW)
    assert enrolment(ids["W-4"]).message_id == "m-W-4"
    assert OutboxEntry.objects.count() == 0
    assert run(now=NOW, clock_trusted=True) == 0


@pytest.mark.django_db(transaction=True)
def test_a_value_that_the_database_refuses_spoils_only_its_own_event(monkeypatch: pytest.MonkeyPatch):
    """What the rules let through and PostgreSQL does not: a NUL in a text of the event."""
    live(conditions=[{"field": "event:note", "op": "exists"}])
    good, bad = customer("good"), customer("bad")
    insert_event("good", at=START + HOUR, properties={"note": "fine"})
    insert_event("bad", at=START + HOUR, properties={"note": "BAD"})
    facts = entering.event_facts
    monkeypatch.setattr(
        entering,
        "event_facts",
        lambda definition, properties: {
            name: value.replace("BAD", "a\x00b") for name, value in facts(definition, properties).items()
        },
    )
    while run(now=NOW, clock_trusted=True):
        pass
    assert enrolment(good).state == "waiting"
    assert Enrolment.objects.filter(customer_id=bad).count() == 0
    assert [kind for kind, _ in _parked()] == ["EventStuck"]


@pytest.mark.django_db
def test_a_poisonous_follow_up_is_parked_and_the_others_are_contacted(monkeypatch: pytest.MonkeyPatch):
    live()
    ids = {name: customer(name) for name in ("first", "poison", "last")}
    for name in ids:
        happen(name, at=START + HOUR)
    decide = course.decide

    def poisoned(candidate: Any, *args: Any, **more: Any) -> Any:
        if candidate.customer_key == "poison":
            raise ZeroDivisionError
        return decide(candidate, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "decide", poisoned)
        work(NOW)
        assert len(attempts_of(customer_id=ids["first"], limit=9)) == 1
        assert len(attempts_of(customer_id=ids["last"], limit=9)) == 1
        assert enrolment(ids["poison"]).state == "parked"
        assert _parked() == [("EnrolmentStuck", "ZeroDivisionError")]
        assert dispatch(now=NOW + HOUR, clock_trusted=True) == 0
    _retry(NOW + HOUR)
    assert enrolment(ids["poison"]).state == "contacting"
    assert len(attempts_of(customer_id=ids["poison"], limit=9)) == 1
    assert OutboxEntry.objects.filter(fact_type="EnrolmentStuck").count() == 0


@pytest.mark.django_db
def test_a_customer_who_answers_a_parked_follow_up_is_not_asked_again():
    live()
    here = customer("here")
    happen("here", at=START + HOUR)
    Enrolment.objects.update(state="parked")
    services.note_response(invitation_key=f"enrolment:{enrolment(here).pk}", at=NOW)
    assert enrolment(here).state == "answered"


@pytest.mark.django_db
def test_a_poisonous_day_of_one_customer_holds_up_no_other(monkeypatch: pytest.MonkeyPatch):
    live(trigger={"kind": "date", "trait": "joined_on", "at": "10:00:00"})
    ids = [customer(name, joined_on="2020-03-12") for name in ("a", "b", "c")]
    original = entering.enter

    def enter(plan: Any, subject: Any, *args: Any, **more: Any) -> Any:
        if subject.standing.external_id == "b":
            raise ValueError("poison")
        return original(plan, subject, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entering, "enter", enter)
        sweep(now=datetime(2025, 3, 12, tzinfo=UTC), clock_trusted=True)
    assert Enrolment.objects.count() == 2
    assert _parked() == [("CauseStuck", "ValueError")]
    _retry(NOW)
    assert enrolment(ids[1]).message_id == "date:joined_on:2025-03-12"


@pytest.mark.django_db
def test_a_database_that_is_away_is_nobodys_fault():
    def work_on(_: object) -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        each_alone([1, 2, 3], work_on, lambda *_: pytest.fail("nothing is parked"))


@pytest.mark.django_db
@pytest.mark.parametrize("poisons", [set(), {0}, {3, 4}, set(range(7))])
def test_every_sound_item_is_done_once_and_in_order(poisons: set[int]):
    done: list[int] = []
    parked: list[int] = []

    def work_on(items: Any) -> None:
        if poisons & set(items):
            raise ValueError
        done.extend(items)

    assert each_alone(list(range(7)), work_on, lambda item, _: parked.append(item)) == len(poisons)
    assert done == [item for item in range(7) if item not in poisons]
    assert parked == sorted(poisons)


def test_the_runner_has_its_own_way_to_retry():
    assert services.retry_event is runner.retry
