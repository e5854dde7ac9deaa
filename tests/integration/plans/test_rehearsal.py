"""A rehearsal finds what live would do with the same events, and writes nothing but its own row."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from tests.integration.plans.makers import (
    PAID,
    START,
    customer,
    definition,
    happen,
    insert_event,
    live,
    step,
    work,
)

from huifang.customers.services import suppress
from huifang.delivery.queries import contacts
from huifang.plans import queries, services
from huifang.plans.errors import EmptyPeriodError, FaultyDefinitionError
from huifang.plans.models import Decision, Enrolment, Rehearsal
from huifang.plans.records import PlanDefinition
from huifang.plans.rehearsals import run

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = START + 6 * DAY
LATER = START + 40 * DAY


def _crowd(number: int, *, seed: int = 3) -> dict[str, list]:
    """Customers of several kinds and when each of them pays."""
    rng = random.Random(seed)
    paid: dict[str, list] = {}
    for each in range(number):
        name = f"W-{each}"
        zone = rng.choice(["Asia/Shanghai", "Europe/Berlin", "America/New_York", ""])
        customer_id = customer(
            name, consent=rng.random() < 0.8, zone=zone, phone=f"+86138000{each:05d}" if each % 3 else ""
        )
        if rng.random() < 0.1:
            suppress(customer_id=customer_id, reason="complaint", source="test", at=START - DAY)
        times = sorted(START + rng.random() * 5 * DAY for _ in range(rng.randint(1, 3)))
        paid[name] = [at.replace(microsecond=0) for at in times]
    return paid


def _tables() -> dict[str, int]:
    """Rows of every table but those of rehearsals."""
    with connection.cursor() as cursor:
        found = {}
        for name in connection.introspection.table_names(cursor):
            if name != "plans_rehearsal":
                cursor.execute(f'SELECT count(*) FROM "{name}"')
                found[name] = cursor.fetchone()[0]
    return found


def test_live_and_rehearsal_agree_on_the_same_events():
    plan_id = live(
        trigger={"event": PAID, "occurrence": "every"},
        delay="PT3H",
        cooldown="P3D",
        holdout_basis_points=2_000,
        steps=[step("sms"), step("in_app", "fallback"), step("in_app", "reminder", "P1D")],
    )
    paid = _crowd(40)
    moments = sorted((at, name) for name, times in paid.items() for at in times)
    for number, (at, name) in enumerate(moments):
        insert_event(name, at=at, message_id=f"pay-{number}")
    rehearsed = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER).result
    assert rehearsed is not None

    minute = START
    queue = list(enumerate(moments))
    while minute < START + 25 * DAY:
        while queue and queue[0][1][0] <= minute:
            number, (at, name) = queue.pop(0)
            happen(name, at=at, message_id=f"pay-{number}")
        work(minute)
        minute += 15 * timedelta(minutes=1)

    ids = list(Decision.objects.values_list("customer_id", flat=True).distinct())
    made = contacts(customer_ids=ids, since=START)
    channels = Counter(contact.channel for each in made.values() for contact in each)
    held = Counter(
        Decision.objects.filter(stage="enrol", outcome="no")
        .exclude(customer_id__in=list(made))
        .order_by("customer_id", "pk")
        .distinct("customer_id")
        .values_list("reason", flat=True)
    )
    assert rehearsed.contacted == len(made)
    assert rehearsed.contacts == dict(channels)
    assert rehearsed.people == len(paid)
    assert rehearsed.reasons == dict(held)
    assert {"no_consent", "holdout"} <= set(held)


def test_a_rehearsal_writes_nothing_but_its_own_row():
    plan_id = live()
    for name, times in _crowd(8).items():
        insert_event(name, at=times[0])
    before = _tables()
    services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER)
    assert _tables() == before
    assert Rehearsal.objects.count() == 1


def test_contacts_of_other_plans_count_and_those_of_the_plan_itself_do_not():
    other = live(name={"en": "Other", "zh-Hans": "其他"}, trigger={"event": "Top Up Completed"})
    plan_id = live(valid_for="P3D")
    customer("lin")
    customer("wang")
    happen("lin", "Top Up Completed", at=START + HOUR)
    happen("wang", at=START + HOUR, message_id="wang-pays")
    work(START + HOUR)
    insert_event("lin", at=START + 2 * HOUR)
    insert_event("wang", at=START + HOUR, message_id="wang-pays")
    result = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=END).result
    assert result is not None
    assert (result.contacted, result.reasons) == (1, {"cap_reached": 1})
    assert result.samples == {"contacted": ["wang"], "cap_reached": ["lin"]}
    assert Enrolment.objects.filter(plan_id=other).count() == 1


def test_days_and_hours_are_those_of_the_customer():
    plan_id = live()
    customer("lin", zone="Asia/Shanghai")
    insert_event("lin", at=START + 15 * HOUR)  # one in the morning of the next day
    result = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER).result
    assert result is not None
    assert [(row.label, row.contacted) for row in result.days] == [("2025-03-11", 1)]
    assert [(row.label, row.contacted) for row in result.hours] == [("01", 1)]
    assert result.contacts_by_hour == {"01": 1}


def test_who_paid_before_the_period_does_not_pay_first_in_it():
    plan_id = live()
    customer("lin")
    happen("lin", at=START - DAY)
    happen("lin", at=START + HOUR)
    insert_event("lin", at=START + HOUR)
    result = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER).result
    assert result is not None
    assert result.people == 0


def test_a_rehearsal_that_is_done_is_not_done_again():
    plan_id = live()
    record = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER)
    Rehearsal.objects.update(result=None)
    run(rehearsal_id=record.id, now=LATER)
    assert queries.rehearsal(plan_id=plan_id, rehearsal_id=record.id, now=LATER).result is None


def test_a_rehearsal_whose_worker_died_counts_as_failed():
    plan_id = live()
    record = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER)
    Rehearsal.objects.update(state="running")
    seen = queries.rehearsal(plan_id=plan_id, rehearsal_id=record.id, now=LATER + timedelta(minutes=6))
    assert (seen.state, seen.problem) == ("failed", "stopped")


def test_a_period_must_have_begun_and_end_after_it_starts():
    plan_id = live()
    with pytest.raises(EmptyPeriodError):
        services.rehearse(plan_id=plan_id, start=END, end=START, by="person:1", now=LATER)
    with pytest.raises(EmptyPeriodError):
        services.rehearse(plan_id=plan_id, start=LATER + DAY, end=LATER + 2 * DAY, by="person:1", now=LATER)


def test_a_plan_without_steps_has_nothing_to_rehearse():
    blank = PlanDefinition(name=definition().name)
    plan_id = services.create(definition=blank, by="person:1", now=START)
    with pytest.raises(FaultyDefinitionError):
        services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER)
