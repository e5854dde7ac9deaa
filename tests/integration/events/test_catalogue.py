"""The catalogue learns from what is stored, holds it against what is declared, and shows where it drifts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from huifang.events import learning, schemas, services
from huifang.events.errors import BadDeclarationError, UnknownDeclarationError, UnknownDriftError
from huifang.events.models import DeclaredEvent, LearnedEvent
from huifang.events.records import Declaration, DeclaredProperty

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC).replace(microsecond=0)
PAY = Declaration(
    name="Pay",
    owner="payments",
    properties=(
        DeclaredProperty(key="amount", type="number", is_required=True),
        DeclaredProperty(key="currency", type="text", allowed=("CNY", "USD")),
    ),
)


def send(*all_properties: dict[str, Any], name: str = "Pay", at: datetime = NOW, base: int = 0):
    messages = [
        {
            "type": "track",
            "event": name,
            "userId": f"W-{number % 40}",
            "messageId": f"{name}-{base + number}-{at:%d%H%M}",
            "timestamp": at.isoformat(),
            "properties": properties,
        }
        for number, properties in enumerate(all_properties)
    ]
    return services.ingest_batch(messages=messages, now=NOW)


def drifts(name: str = "Pay") -> dict[tuple[str, str], int]:
    return {(each.code, each.key): each.times for each in schemas.drifts(name=name)}


def test_what_is_stored_is_learned_once_and_sealed_values_are_not():
    send(*[{"amount": 5, "kind": "qr", "phone": "13800000421"}] * 30)
    assert services.learn_schemas(now=NOW) == 30
    assert services.learn_schemas(now=NOW) == 0
    shape = schemas.shape(name="Pay")
    assert shape is not None
    assert (shape.count, [each.key for each in shape.properties]) == (30, ["amount", "kind"])
    assert shape.properties[1].values == ("qr",)
    assert "13800000421" not in str(LearnedEvent.objects.values())
    assert len(schemas.samples(name="Pay")) == 5
    assert drifts() == {("undeclared", ""): 30}


def test_events_are_flagged_where_they_are_not_as_declared():
    services.declare_event(declaration=PAY, by="ada", now=NOW)
    outcome = send(
        {"amount": 1, "currency": "CNY"}, {"amount": "1"}, {"amount": 2, "currency": "EUR", "x": 1}, {}
    )
    assert outcome.accepted == 4
    services.learn_schemas(now=NOW)
    assert drifts() == {
        ("wrong_type", "amount"): 1,
        ("not_allowed", "currency"): 1,
        ("new_property", "x"): 1,
        ("missing_property", "amount"): 1,
    }
    missing = next(each for each in schemas.drifts(name="Pay") if each.code == "missing_property")
    assert [event.properties for event in schemas.drift_samples(drift_id=missing.id)] == [{}]


def test_a_drift_that_was_settled_opens_anew_when_it_goes_on_and_both_are_history():
    send({"a": 1})
    services.learn_schemas(now=NOW)
    (first,) = schemas.drifts(name="Pay")
    services.settle_drift(drift_id=first.id, by="ada", now=NOW)
    assert schemas.drifts(name="Pay") == []
    with pytest.raises(UnknownDriftError):
        services.settle_drift(drift_id=first.id, by="ada", now=NOW)
    send({"a": 1}, base=100)
    services.learn_schemas(now=NOW)
    history = schemas.drifts(name="Pay", include_settled=True)
    assert [(each.settled_by, each.times) for each in history] == [("", 1), ("ada", 1)]


def test_who_declares_an_event_has_seen_to_it_that_nobody_had():
    send(*[{"amount": 5}] * 3)
    services.learn_schemas(now=NOW)
    assert drifts() == {("undeclared", ""): 3}
    services.declare_event(declaration=PAY, by="ada", now=NOW)
    assert drifts() == {}
    assert [each.settled_by for each in schemas.drifts(name="Pay", include_settled=True)] == ["ada"]


def test_a_strict_declaration_rejects_and_the_rest_of_the_batch_is_stored():
    strict = Declaration(name="Pay", is_strict=True, properties=PAY.properties)
    services.declare_event(declaration=strict, by="ada", now=NOW)
    outcome = send({"amount": 1}, {"amount": "1"}, {"amount": 2, "new": 1})
    assert (outcome.accepted, [(each.index, each.code) for each in outcome.rejected]) == (
        2,
        [(1, "not_as_declared")],
    )
    services.withdraw_declaration(name="Pay", by="ada", now=NOW)
    assert send({"amount": "1"}, base=50).accepted == 1
    with pytest.raises(UnknownDeclarationError):
        services.withdraw_declaration(name="Pay", by="ada", now=NOW)


@pytest.mark.parametrize(
    "declaration",
    [
        Declaration(name=" "),
        Declaration(name="Pay\n"),
        Declaration(name="Pay", owner="x" * 501),
        Declaration(name="Pay", properties=(DeclaredProperty(key="a"), DeclaredProperty(key="a"))),
        Declaration(name="Pay", properties=(DeclaredProperty(key="a", type="decimal"),)),
        Declaration(name="Pay", properties=(DeclaredProperty(key="k" * 101),)),
        Declaration(name="Pay", properties=tuple(DeclaredProperty(key=f"k{n}") for n in range(101))),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(declaration):
    with pytest.raises(BadDeclarationError):
        services.declare_event(declaration=declaration, by="ada", now=NOW)
    assert not DeclaredEvent.objects.exists()


def test_learning_keeps_pace_by_looking_at_less(monkeypatch):
    monkeypatch.setattr(learning, "AT_ONCE", 2)
    send(*[{"a": 1}] * 200)
    first = services.learn_schemas(now=NOW)
    assert 16 < first <= 32
    assert services.learn_schemas(now=NOW) == 0
    send({"b": 1}, base=500)
    assert services.learn_schemas(now=NOW) == 1


def test_names_of_events_are_bounded_too(monkeypatch):
    monkeypatch.setattr(learning, "NAMES_MAX", 3)
    for number in range(6):
        send({"a": 1}, name=f"Event {number}")
    services.learn_schemas(now=NOW)
    assert LearnedEvent.objects.count() == 3


def test_an_event_that_came_often_and_stopped_is_noticed_and_settles_when_it_is_back():
    for hour in range(25):
        send({"a": 1}, at=NOW - timedelta(days=6, hours=hour))
    send({"a": 1}, name="Rare", at=NOW - timedelta(days=9))
    services.fold_tallies()
    assert services.watch_silence(now=NOW) == 1
    assert services.watch_silence(now=NOW) == 1
    assert drifts() == {("stopped", ""): 1}
    send({"a": 1}, at=NOW - timedelta(hours=1))
    services.watch_silence(now=NOW)
    (settled,) = schemas.drifts(name="Pay", include_settled=True)
    assert settled.settled_by == "system"


def test_two_workers_learn_each_event_once():
    send(*[{"a": 1}] * 10)
    with connection.cursor() as db:
        db.execute("SELECT 1")
    assert [services.learn_schemas(now=NOW) for _ in range(2)] == [10, 0]
    shape = schemas.shape(name="Pay")
    assert shape is not None
    assert shape.count == 10
