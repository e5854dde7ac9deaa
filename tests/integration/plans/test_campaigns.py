"""A segment or a list goes in once, evenly, pausable, whatever dies meanwhile; so does its rehearsal."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.integration.plans.makers import START, customer, definition, enrolment, live, step, told

from huifang.customers import services as customers
from huifang.kernel.ids import CustomerId
from huifang.plans import queries, services
from huifang.plans.campaigns import advance
from huifang.plans.errors import ListTooLongError, UnknownPlanError
from huifang.plans.models import Enrolment
from huifang.plans.sweeps import sweep

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BY = {"by": "person:1", "now": START}


def _segment(region: str = "north") -> int:
    where = {"kind": "trait", "name": "area", "value": region}
    made = customers.create_segment(name=f"In the {region}", definition={"where": where}, **BY)
    return made.id


def _crowd(number: int, area: str = "north") -> list[CustomerId]:
    return [customer(f"{area}-{each:03}", area=area) for each in range(number)]


def _run(now: datetime, *, batch: int = 500) -> int:
    taken = 0
    while more := advance(now=now, clock_trusted=True, batch=batch):
        taken += more
    return taken


@pytest.mark.django_db
def test_everybody_in_the_segment_goes_in_once_and_nobody_else():
    inside, outside = _crowd(7), _crowd(3, "south")
    plan_id = live(trigger={"kind": "segment", "segment_id": _segment()})
    assert _run(START, batch=3) == 7
    assert _run(START + DAY) == 0
    assert Enrolment.objects.filter(customer_id__in=inside).count() == 7
    assert Enrolment.objects.filter(customer_id__in=outside).count() == 0
    progress = queries.campaign_progress(plan_id=plan_id, now=START)
    assert progress is not None
    assert (progress.state, progress.total, progress.taken, progress.entered) == ("done", 7, 7, 7)


@pytest.mark.django_db
def test_it_starts_when_it_says_and_is_spread_evenly_with_a_limit_of_a_day():
    _crowd(10)
    starts_at = START + DAY
    plan_id = live(
        trigger={
            "kind": "segment",
            "segment_id": _segment(),
            "starts_at": starts_at.isoformat(),
            "spread_hours": 10,
            "per_day_max": 4,
        }
    )
    assert _run(START) == 0
    progress = queries.campaign_progress(plan_id=plan_id, now=START)
    assert progress is not None
    assert (progress.state, progress.starts_at) == ("waiting", starts_at)
    taken = [_run(starts_at + timedelta(minutes=30 * each)) for each in range(12)]
    assert taken == [1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    assert _run(starts_at + DAY) == 2  # what an hour may catch up with
    assert queries.campaign_progress(plan_id=plan_id, now=starts_at + DAY).state == "running"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_pause_stops_it_and_is_not_caught_up_with():
    _crowd(10)
    plan_id = live(trigger={"kind": "segment", "segment_id": _segment(), "spread_hours": 10})
    assert _run(START) == 1
    services.pause(plan_id=plan_id, by="person:1", now=START + HOUR)
    assert _run(START + 5 * HOUR) == 0
    assert queries.campaign_progress(plan_id=plan_id, now=START).state == "paused"  # type: ignore[union-attr]
    services.resume(plan_id=plan_id, by="person:1", now=START + 6 * HOUR)
    assert _run(START + 6 * HOUR) == 1
    assert _run(START + 7 * HOUR) == 1


@pytest.mark.django_db
def test_a_corrected_text_asks_nobody_again_but_another_start_does():
    ids = _crowd(3)
    trigger = {"kind": "segment", "segment_id": _segment()}
    plan_id = live(trigger=trigger, cooldown="PT0S")
    _run(START)
    services.write_draft(
        plan_id=plan_id, definition=definition(trigger=trigger, cooldown="PT0S", priority=51), **BY
    )
    services.activate(plan_id=plan_id, **BY)
    assert _run(START + HOUR) == 0
    Enrolment.objects.update(state="ended", due_at=None)
    again = {**trigger, "starts_at": (START + DAY).isoformat()}
    services.write_draft(plan_id=plan_id, definition=definition(trigger=again, cooldown="PT0S"), **BY)
    services.activate(plan_id=plan_id, **BY)
    assert _run(START + DAY) == 3
    assert Enrolment.objects.filter(customer_id=ids[0]).count() == 2


@pytest.mark.django_db
def test_a_list_says_which_ids_it_refuses_and_takes_the_others_once():
    first, second = customer("first"), customer("second")
    plan_id = live(trigger={"kind": "list"})
    report = services.add_to_list(
        plan_id=plan_id, external_ids=["first", " second ", "nobody", "first", "", "x" * 300, "a\x00b"], **BY
    )
    assert (report.added, report.known, report.repeated) == (2, 0, 1)
    assert report.refused == ("nobody", "x" * 300, "a\x00b")
    assert _run(START) == 2
    assert services.add_to_list(plan_id=plan_id, external_ids=["first"], **BY).known == 1
    assert _run(START + DAY) == 0
    assert enrolment(first).message_id == enrolment(second).message_id == "list"
    third = customer("third")
    services.add_to_list(plan_id=plan_id, external_ids=["third"], **BY)
    assert queries.campaign_progress(plan_id=plan_id, now=START).state == "running"  # type: ignore[union-attr]
    _run(START + DAY)
    assert enrolment(third).state == "waiting"


@pytest.mark.django_db
def test_whom_a_list_may_not_ask_is_told_why():
    silent = customer("silent", consent=False)
    plan_id = live(trigger={"kind": "list"})
    services.add_to_list(plan_id=plan_id, external_ids=["silent"], **BY)
    _run(START)
    assert told(silent) == [("enrol", "no", "no_consent")]


@pytest.mark.django_db
def test_a_list_is_cleared_of_those_who_wait_and_refuses_what_is_too_long():
    customer("first")
    plan_id = live(trigger={"kind": "list", "starts_at": (START + DAY).isoformat()})
    services.add_to_list(plan_id=plan_id, external_ids=["first"], **BY)
    assert services.clear_list(plan_id=plan_id, **BY) == 1
    assert _run(START + DAY) == 0
    with pytest.raises(ListTooLongError):
        services.add_to_list(plan_id=plan_id, external_ids=["x"] * 200_001, **BY)
    with pytest.raises(UnknownPlanError):
        services.add_to_list(plan_id=999_999, external_ids=["first"], **BY)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_an_unsure_clock_moves_nothing():
    _crowd(2)
    live(trigger={"kind": "segment", "segment_id": _segment()})
    assert advance(now=START, clock_trusted=False) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_one_that_dies_take_everybody_once(monkeypatch: pytest.MonkeyPatch):
    _crowd(30)
    live(trigger={"kind": "segment", "segment_id": _segment()}, steps=[step()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huifang.plans.campaigns.pacing.used_up_to", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            advance(now=START, clock_trusted=True, batch=4)
    assert Enrolment.objects.count() == 0

    def repeat() -> None:
        idle, until = 0, time.monotonic() + 60
        while idle < 4 and time.monotonic() < until:
            idle = 0 if advance(now=START, clock_trusted=True, batch=4) else idle + 1
        connection.close()

    threads = [threading.Thread(target=repeat) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Enrolment.objects.count() == 30


@pytest.mark.django_db
def test_the_rehearsal_of_a_segment_counts_whom_it_would_reach():
    _crowd(5)
    _crowd(2, "south")
    customers.suppress(customer_id=customer("north-000"), reason="complaint", source="test", at=START)
    plan_id = live(trigger={"kind": "segment", "segment_id": _segment(), "spread_hours": 5})
    record = services.rehearse(
        plan_id=plan_id, start=START, end=START + DAY, by="person:1", now=START + 2 * DAY
    )
    assert record.result is not None
    assert (record.result.people, record.result.contacted) == (5, 4)
    assert record.result.reasons == {"suppressed": 1}
    assert Enrolment.objects.count() == 0


@pytest.mark.django_db
def test_the_rehearsal_of_a_date_finds_what_the_sweep_then_does():
    trigger = {"kind": "date", "trait": "joined_on", "at": "10:00:00"}
    for number, zone in enumerate(["Asia/Shanghai", "America/New_York", "Middle/Earth", "Europe/Berlin"]):
        customer(f"W-{number}", joined_on=f"2020-03-{11 + number}", zone=zone)
    plan_id = live(trigger=trigger)
    end = datetime(2025, 3, 16, tzinfo=UTC)
    record = services.rehearse(plan_id=plan_id, start=START, end=end, by="person:1", now=end)
    while sweep(now=end, clock_trusted=True):
        pass
    assert record.result is not None
    assert record.result.contacted == Enrolment.objects.filter(state="waiting").count() == 3
    assert record.result.reasons == {"unknown_zone": 1}
    assert record.result.contacts_by_hour == {"10": 3}


@pytest.mark.django_db
def test_a_rehearsal_holds_to_a_quota_of_people():
    _crowd(6)
    plan_id = live(
        trigger={"kind": "segment", "segment_id": _segment()}, quotas=[{"limit": 2, "of": "people"}]
    )
    record = services.rehearse(
        plan_id=plan_id, start=START, end=START + DAY, by="person:1", now=START + 2 * DAY
    )
    assert record.result is not None
    assert (record.result.contacted, record.result.reasons) == (2, {"quota_reached": 4})
