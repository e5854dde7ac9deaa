"""What is learned of properties is bounded, names nobody, and tells where an event differs."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from huifang.events import shapes
from huifang.events.records import Declaration, DeclaredProperty, StoredEvent
from huifang.events.shapes import Difference, DriftCode, Learned

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def event(properties: dict[str, Any], person: str = "W-1") -> StoredEvent:
    return StoredEvent(
        seq=1,
        message_id="m",
        kind="track",
        name="Pay",
        external_id=person,
        anonymous_id="",
        occurred_at=NOW,
        received_at=NOW,
        properties=properties,
        sealed=None,
    )


def learned(*all_properties: dict[str, Any]) -> Learned:
    found = Learned(0, {}, [])
    for number, properties in enumerate(all_properties):
        found.add(event(properties, f"W-{number}"), day="2026-03-01")
    return found


def test_shares_types_and_ranges_are_those_of_the_sample():
    shape = learned({"amount": 12.5, "kind": "qr"}, {"amount": 870}, {"amount": "x", "kind": None}).shape(
        "Pay"
    )
    amount, kind = shape.properties
    assert (amount.key, amount.share, amount.low, amount.high) == ("amount", 1.0, 10, 900)
    assert {name: round(share, 2) for name, share in amount.types.items()} == {"number": 0.67, "text": 0.33}
    assert (kind.key, round(kind.share, 2)) == ("kind", 0.33)


def test_a_value_is_an_example_once_three_people_sent_it():
    two = [{"kind": "qr", "note": "call me"}] * 2
    assert learned(*two).shape("Pay").properties[0].values == ()
    assert "qr" not in msgspec.json.encode(learned(*two).properties).decode()
    assert learned(*two, {"kind": "qr"}).shape("Pay").properties[0].values == ("qr",)
    one = Learned(0, {}, [])
    for _ in range(9):
        one.add(event({"kind": "only mine"}), day="2026-03-01")
    assert one.shape("Pay").properties[0].values == ()


@pytest.mark.parametrize("value", ["ada@example.com", "138 0000 0421", "x" * 41, "two\nlines", ""])
def test_what_may_be_personal_is_never_an_example(value):
    assert learned(*[{"note": value}] * 9).shape("Pay").properties[0].values == ()


def test_hostile_keys_and_values_are_bounded():
    many = [{f"key-{number}-{each}": f"v{number}" for each in range(90)} for number in range(40)]
    found = learned(*many, *({"kind": f"value {number}"} for number in range(500)))
    assert len(found.properties) <= shapes.KEYS_MAX + 1
    assert found.shape("Pay").is_cut_off
    assert len(msgspec.json.encode(found.properties)) < 40_000
    long = learned({"k" * 5000: float("1e308"), "n": -0.0, "big": 10**400})
    assert max(map(len, long.properties)) == shapes.KEY_LENGTH_MAX


def test_another_type_than_nearly_always_before_is_a_change():
    known = learned(*[{"amount": 1}] * 19)
    assert known.add(event({"amount": "12"}), day="d") == []
    known = learned(*[{"amount": 1}] * 20)
    changed = Difference(code=DriftCode.TYPE_CHANGED, key="amount", detail="text instead of number")
    assert known.add(event({"amount": "12"}), day="d") == [changed]


PAY = Declaration(
    name="Pay",
    is_strict=True,
    properties=(
        DeclaredProperty(key="amount", type="number", is_required=True),
        DeclaredProperty(key="currency", type="text", allowed=("CNY", "USD")),
        DeclaredProperty(key="is_new", allowed=("true",)),
        DeclaredProperty(key="phone", is_required=True),
    ),
)


def codes(properties: dict[str, Any], sealed: list[str] | None = None) -> list[tuple[str, str]]:
    return [(each.code.value, each.key) for each in shapes.differences(PAY, properties, sealed)]


def test_an_event_is_held_against_its_declaration():
    assert codes({"amount": 1, "currency": "CNY", "is_new": True}) == []
    assert codes({"amount": "1", "currency": "EUR", "other": 1}) == [
        ("wrong_type", "amount"),
        ("not_allowed", "currency"),
        ("new_property", "other"),
    ]
    assert codes({"amount": None}, sealed=["phone"]) == [("missing_property", "amount")]
    assert codes({"amount": 2}, sealed=[]) == [("missing_property", "phone")]


def test_a_strict_declaration_lets_new_properties_pass_and_names_the_first_fault():
    assert shapes.first_fault(PAY, {"amount": 1, "other": 2}, ["phone"]) == ""
    assert shapes.first_fault(PAY, {"amount": "1"}, ["phone"]) == "amount: text instead of number."
    assert shapes.first_fault(PAY, {}, ["phone"]) == "amount: missing property."


def test_huifangs_own_declarations_leave_everything_open_but_types():
    own = Declaration(
        name="Pay", is_built_in=True, properties=(DeclaredProperty(key="amount", type="number"),)
    )
    assert [*shapes.differences(own, {"other": 1}, None)] == []
    (wrong,) = shapes.differences(own, {"amount": "1"}, None)
    assert wrong.code == DriftCode.WRONG_TYPE
