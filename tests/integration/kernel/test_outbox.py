"""Facts: told at least once, in the announcer's transaction, one bad listener harming no other."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from huifang.kernel import clock, outbox
from huifang.kernel.models import OutboxEntry

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleBoiled:
    """A fact to try."""

    kettle: int
    at: datetime


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[KettleBoiled]:
    """What a listener heard; a second listener fails on odd kettles."""
    told: list[KettleBoiled] = []

    def drink(fact: KettleBoiled) -> None:
        told.append(fact)

    def fill(fact: KettleBoiled) -> None:
        if fact.kettle % 2:
            raise RuntimeError("no water")

    listeners = [
        outbox.Listener(name=f"test_{handle.__name__}", fact_type=KettleBoiled, handle=handle)
        for handle in (drink, fill)
    ]
    monkeypatch.setattr(outbox, "_listeners", {"KettleBoiled": listeners})
    monkeypatch.setattr(outbox, "_by_name", {each.name: each for each in listeners})
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return told


@pytest.mark.django_db
def test_a_fact_reaches_its_listeners_once_and_is_gone(heard: list[KettleBoiled]):
    outbox.record(KettleBoiled(kettle=2, at=NOW))
    assert outbox.relay(now=NOW) == 2
    assert heard == [KettleBoiled(kettle=2, at=NOW)]
    assert not OutboxEntry.objects.exists()
    assert outbox.relay(now=NOW) == 0


@pytest.mark.django_db
def test_a_fact_whose_transaction_is_undone_is_never_told(heard: list[KettleBoiled]):
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.record(KettleBoiled(kettle=2, at=NOW))
        raise RuntimeError
    assert outbox.relay(now=NOW) == 0
    assert heard == []


@pytest.mark.django_db
def test_a_failing_listener_is_tried_again_later_while_others_hear(heard: list[KettleBoiled]):
    outbox.record(KettleBoiled(kettle=1, at=NOW), KettleBoiled(kettle=2, at=NOW))
    outbox.relay(now=NOW)
    assert [fact.kettle for fact in heard] == [1, 2]
    (left,) = OutboxEntry.objects.all()
    assert (left.listener, left.attempts, left.last_error) == ("test_fill", 1, "RuntimeError")
    assert outbox.relay(now=NOW) == 0
    assert outbox.relay(now=NOW + timedelta(seconds=2)) == 1


@pytest.mark.django_db
def test_a_listener_that_fails_for_ever_is_parked_and_retried_by_hand(heard: list[KettleBoiled]):
    outbox.record(KettleBoiled(kettle=1, at=NOW))
    for hour in range(outbox.ATTEMPTS_MAX + 3):
        outbox.relay(now=NOW + timedelta(hours=2 * hour))
    assert outbox.parked_count() == 1
    later = NOW + timedelta(days=9)
    assert outbox.relay(now=later) == 0
    assert outbox.retry_parked(now=later) == 1
    assert outbox.relay(now=later) == 1
    assert OutboxEntry.objects.get().attempts == 1


@pytest.mark.django_db
def test_what_a_failing_listener_wrote_is_undone(heard: list[KettleBoiled], monkeypatch: pytest.MonkeyPatch):
    def write_and_fail(fact: KettleBoiled) -> None:
        OutboxEntry.objects.create(
            fact_type="x", listener="none", payload={}, recorded_at=NOW, due_at=NOW + timedelta(days=1)
        )
        raise RuntimeError

    broken = outbox.Listener(name="test_fill", fact_type=KettleBoiled, handle=write_and_fail)
    monkeypatch.setitem(outbox._by_name, "test_fill", broken)
    outbox.record(KettleBoiled(kettle=2, at=NOW))
    outbox.relay(now=NOW)
    assert not OutboxEntry.objects.filter(listener="none").exists()


@pytest.mark.django_db(transaction=True)
def test_facts_are_recorded_inside_a_transaction_only(heard: list[KettleBoiled]):
    with pytest.raises(AssertionError):
        outbox.record(KettleBoiled(kettle=2, at=NOW))
