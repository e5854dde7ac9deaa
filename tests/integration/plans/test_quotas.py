"""Quotas in the database: two dispatchers never share the last place, and a full quota ends what is left."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.integration.plans.makers import (
    START,
    customer,
    definition,
    enrolment,
    happen,
    insert_event,
    live,
    step,
    told,
    work,
)

from huifang.plans import queries, services
from huifang.plans.dispatcher import dispatch
from huifang.plans.models import Enrolment, QuotaCount
from huifang.plans.runner import run

HOUR = timedelta(hours=1)


def _answer(enrolment_id: int, at=START + HOUR) -> None:
    services.note_response(invitation_key=f"enrolment:{enrolment_id}", at=at, is_complete=True)


@pytest.mark.django_db
def test_an_answer_counts_once_whatever_is_told_again():
    plan_id = live(quotas=[{"limit": 2}, {"limit": 1, "cell": "channel", "only": "sms"}])
    here = customer("here")
    happen("here", at=START + HOUR)
    work(START + HOUR)
    for _ in range(3):
        _answer(enrolment(here).pk)
    assert [(row.cell, row.used) for row in QuotaCount.objects.filter(plan_id=plan_id)] == [
        ("answers|all|||ever", 1)
    ]


@pytest.mark.django_db
def test_once_it_is_full_nobody_enters_and_what_is_under_way_ends_with_the_reason():
    plan_id = live(quotas=[{"limit": 1}], steps=[step(), step("in_app", "reminder", "P1D")])
    first, second, third = (customer(name) for name in ("first", "second", "third"))
    happen("first", at=START + HOUR)
    happen("second", at=START + HOUR)
    work(START + HOUR)
    _answer(enrolment(first).pk)
    happen("third", at=START + 2 * HOUR)
    assert told(third) == [("enrol", "no", "quota_reached")]
    work(START + timedelta(days=2))
    assert told(second)[-1] == ("dispatch", "no", "quota_reached")
    assert (enrolment(second).state, enrolment(second).end_reason) == ("ended", "quota_reached")
    stands = queries.quota_standings(plan_id=plan_id, now=START + HOUR)
    assert [(each.number, each.used, each.limit) for each in stands] == [(1, 1, 1)]


@pytest.mark.django_db
def test_a_quota_of_a_day_waits_for_the_next_one():
    live(quotas=[{"limit": 1, "of": "people", "per": "day"}])
    first, second = customer("first"), customer("second")
    happen("first", at=START + HOUR)
    happen("second", at=START + HOUR)
    work(START + HOUR)
    assert sorted((enrolment(first).reached, enrolment(second).reached)) == [False, True]
    waiting = Enrolment.objects.get(reached=False)
    assert waiting.wait_reason == "quota_reached"
    work(waiting.wait_until)
    assert Enrolment.objects.filter(reached=True).count() == 2


@pytest.mark.django_db
def test_a_new_version_moves_the_limit_and_goes_on_counting():
    plan_id = live(quotas=[{"limit": 1, "of": "people"}])
    for name in ("first", "second", "third"):
        customer(name)
    happen("first", at=START + HOUR)
    work(START + HOUR)
    happen("second", at=START + HOUR)
    assert Enrolment.objects.count() == 1
    services.write_draft(
        plan_id=plan_id,
        definition=definition(quotas=[{"limit": 2, "of": "people"}]),
        by="person:1",
        now=START,
    )
    services.activate(plan_id=plan_id, by="person:1", now=START + HOUR)
    happen("third", at=START + 2 * HOUR)
    work(START + 2 * HOUR)
    row = QuotaCount.objects.get(plan_id=plan_id)
    assert (row.used, row.limit) == (2, 2)


@pytest.mark.django_db
def test_the_database_itself_lets_no_more_people_in():
    plan_id = live()
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaCount.objects.create(plan_id=plan_id, cell="people|all|||ever", limit=2, used=3, is_hard=True)


@pytest.mark.django_db
def test_a_contact_for_which_the_ledger_has_no_room_gives_its_place_back():
    live(quotas=[{"limit": 1, "of": "people"}], valid_for="P20D", priority=10)
    live(priority=90, name={"en": "Higher", "zh-Hans": "较高"})
    customer("first")
    happen("first", at=START + HOUR)
    work(START + HOUR)
    assert Enrolment.objects.get(priority=90).reached
    assert not Enrolment.objects.get(priority=10).reached
    assert sum(QuotaCount.objects.values_list("used", flat=True)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_never_share_the_last_place():
    limit, people = 7, 40
    plan_id = live(quotas=[{"limit": limit, "of": "people"}])
    for number in range(people):
        customer(f"W-{number}")
        insert_event(f"W-{number}", at=START + HOUR + timedelta(seconds=number))
    now = START + 2 * HOUR
    while run(now=now, clock_trusted=True):
        pass

    def repeat() -> None:
        idle, until = 0, time.monotonic() + 60
        while idle < 4 and time.monotonic() < until:
            idle = 0 if dispatch(now=now, clock_trusted=True, customers=3) else idle + 1
        connection.close()

    threads = [threading.Thread(target=repeat) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Enrolment.objects.filter(plan_id=plan_id, reached=True).count() == limit
    assert Enrolment.objects.filter(end_reason="quota_reached").count() == people - limit
    assert QuotaCount.objects.get(plan_id=plan_id).used == limit
