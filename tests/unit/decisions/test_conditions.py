from decimal import Decimal
from typing import Any

import msgspec
import pytest

from huifang.decisions.conditions import Condition, Op, matches, unmet

FACTS = {
    "wallet_kind": "soft",
    "language": "zh-Hans",
    "event:amount": 100.0,
    "event:method": "card",
    "trait:vip": True,
    "trait:tags": ["new", "coupon"],
    "trait:limit": Decimal("5000.00"),
    "trait:empty": "",
    "count:Payment Completed": 3,
    "trait:nan": float("nan"),
    "trait:odd": {"a": 1},
}


def met(field: str, op: str, value: Any = None) -> bool:
    return matches((Condition(field=field, op=Op(op), value=value),), FACTS)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("wallet_kind", "is", "soft"),
        ("wallet_kind", "is_not", "hard"),
        ("wallet_kind", "in", ("hard", "soft")),
        ("event:amount", "is", 100),
        ("event:amount", "at_least", 100),
        ("event:amount", "at_most", 100),
        ("count:Payment Completed", "at_least", 2.5),
        ("trait:limit", "at_least", 5000),
        ("trait:limit", "at_most", 5000.5),
        ("trait:vip", "is", True),
        ("trait:vip", "is_not", False),
        ("trait:tags", "contains", "coupon"),
        ("event:method", "contains", "car"),
        ("event:method", "exists", None),
        ("trait:odd", "exists", None),
        ("trait:none", "missing", None),
        ("trait:empty", "missing", None),
    ],
)
def test_a_condition_that_holds_is_met(field: str, op: str, value: Any) -> None:
    assert met(field, op, value)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("wallet_kind", "is", "Soft"),
        ("wallet_kind", "is_not", "soft"),
        ("wallet_kind", "in", ()),
        ("event:amount", "at_least", 100.01),
        ("event:amount", "at_most", 99.99),
        ("trait:tags", "contains", "coup"),
        ("event:method", "missing", None),
        ("trait:empty", "exists", None),
    ],
)
def test_a_condition_that_does_not_hold_is_not_met(field: str, op: str, value: Any) -> None:
    assert not met(field, op, value)


@pytest.mark.parametrize("fact", ["100", None, True, float("nan"), Decimal("sNaN"), [100], {"a": 1}, b"100"])
@pytest.mark.parametrize("op", ["is", "is_not", "at_least", "at_most", "contains"])
def test_what_cannot_be_compared_with_a_number_is_not_met(fact: object, op: str) -> None:
    condition = Condition(field="event:amount", op=Op(op), value=1)

    assert not matches((condition,), {"event:amount": fact})


@pytest.mark.parametrize("op", ["is", "is_not", "at_least", "at_most", "contains"])
def test_what_is_not_known_is_not_met(op: str) -> None:
    assert not matches((Condition(field="event:amount", op=Op(op), value=1),), {})


def test_a_truth_value_is_no_number() -> None:
    assert not matches((Condition(field="x", op=Op.IS, value=1),), {"x": True})
    assert not matches((Condition(field="x", op=Op.IS, value=True),), {"x": 1})
    assert not matches((Condition(field="x", op=Op.AT_LEAST, value=0),), {"x": True})


def test_numbers_of_any_size_compare() -> None:
    assert matches((Condition(field="x", op=Op.AT_LEAST, value=1.5),), {"x": 10**400})
    assert matches((Condition(field="x", op=Op.AT_MOST, value=10**400),), {"x": Decimal("1.5")})


def test_all_conditions_must_be_met_and_those_that_failed_are_named() -> None:
    good = Condition(field="wallet_kind", op=Op.IS, value="soft")
    bad = Condition(field="language", op=Op.IS, value="en")

    assert matches((), FACTS)
    assert matches((good,), FACTS)
    assert not matches((good, bad), FACTS)
    assert unmet((bad, good, bad), FACTS) == (bad, bad)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("", "is", "x"),
        ("x", "at_least", "5"),
        ("x", "at_most", True),
        ("x", "at_least", float("nan")),
        ("x", "in", "soft"),
        ("x", "in", (None,)),
        ("x", "is", None),
        ("x", "exists", "x"),
        ("x", "contains", ""),
    ],
)
def test_a_condition_that_could_never_be_right_is_refused_when_it_is_written(
    field: str, op: str, value: Any
) -> None:
    with pytest.raises(ValueError, match=r"condition|compare"):
        Condition(field=field, op=Op(op), value=value)


def test_conditions_are_read_from_json() -> None:
    stored = (
        b'[{"field": "wallet_kind", "op": "in", "value": ["soft", "hard"]}, {"field": "x", "op": "missing"}]'
    )

    assert matches(msgspec.json.decode(stored, type=tuple[Condition, ...]), FACTS)
