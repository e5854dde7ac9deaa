"""The small language of plans and segments: conditions over what is known of one customer and one event.

What is unknown or cannot be compared is not met: a condition never raises and lets nobody in by mistake.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Scalar = str | int | float | bool | None


class Op(StrEnum):
    """How a fact is compared. Stored in plans: never rename a value."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    CONTAINS = "contains"
    EXISTS = "exists"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison of the fact called *field* with *value*.

    Fields: ``wallet_kind``, ``language``, ``region``, ``trait:<name>``,
    ``event:<property>``, ``count:<event name>`` and whatever else the caller
    puts among the facts. *value* is a tuple for ``in``, a number for
    ``at_least`` and ``at_most``, None for ``exists`` and ``missing``.
    """

    field: str
    op: Op
    value: Scalar | tuple[Scalar, ...] = None

    def __post_init__(self) -> None:
        if not self.field:
            raise ValueError("A condition names a field.")
        if not _VALUE_FITS[Op(self.op)](self.value):
            raise ValueError(f"{self.op!s} cannot compare {self.field!r} with {self.value!r}.")


def matches(conditions: Iterable[Condition], facts: Mapping[str, object]) -> bool:
    """Whether *facts* meet every one of *conditions*; no condition is always met."""
    return all(_is_met(condition, facts) for condition in conditions)


def unmet(conditions: Collection[Condition], facts: Mapping[str, object]) -> tuple[Condition, ...]:
    """Those of *conditions* that *facts* do not meet, in their order."""
    if not conditions:
        return ()
    return tuple(condition for condition in conditions if not _is_met(condition, facts))


def _is_met(condition: Condition, facts: Mapping[str, object]) -> bool:
    return _TESTS[Op(condition.op)](facts.get(condition.field), condition.value)


def _is_number(value: object) -> bool:
    """A number that has an order: no truth value, no NaN."""
    if isinstance(value, Decimal):
        return not value.is_nan()
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_comparable(fact: object, value: object) -> bool:
    if _is_number(fact):
        return _is_number(value)
    return isinstance(fact, str | bool) and type(fact) is type(value)


def _is_missing(fact: object) -> bool:
    return fact is None or fact == ""


def _is(fact: object, value: object) -> bool:
    return _is_comparable(fact, value) and fact == value


def _is_not(fact: object, value: object) -> bool:
    return _is_comparable(fact, value) and fact != value


def _is_in(fact: object, value: object) -> bool:
    return isinstance(value, tuple | list) and any(_is(fact, one) for one in value)


def _is_at_least(fact: object, value: object) -> bool:
    return _is_number(fact) and _is_number(value) and bool(fact >= value)  # type: ignore[operator]


def _is_at_most(fact: object, value: object) -> bool:
    return _is_number(fact) and _is_number(value) and bool(fact <= value)  # type: ignore[operator]


def _contains(fact: object, value: object) -> bool:
    """A text holds a piece of text; a list holds one equal item."""
    if isinstance(fact, str):
        return isinstance(value, str) and value in fact
    return isinstance(fact, list | tuple | Set) and any(_is(item, value) for item in fact)


_TESTS: Mapping[Op, Callable[[object, object], bool]] = {
    Op.IS: _is,
    Op.IS_NOT: _is_not,
    Op.IN: _is_in,
    Op.AT_LEAST: _is_at_least,
    Op.AT_MOST: _is_at_most,
    Op.CONTAINS: _contains,
    Op.EXISTS: lambda fact, _: not _is_missing(fact),
    Op.MISSING: lambda fact, _: _is_missing(fact),
}


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | bool) or _is_number(value)


_VALUE_FITS: Mapping[Op, Callable[[object], bool]] = {
    Op.IS: _is_scalar,
    Op.IS_NOT: _is_scalar,
    Op.IN: lambda value: isinstance(value, tuple | list) and all(_is_scalar(one) for one in value),
    Op.AT_LEAST: _is_number,
    Op.AT_MOST: _is_number,
    Op.CONTAINS: lambda value: _is_scalar(value) and value != "",
    Op.EXISTS: lambda value: value is None,
    Op.MISSING: lambda value: value is None,
}
