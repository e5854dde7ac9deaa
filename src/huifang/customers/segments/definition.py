"""What a segment is made of: a tree of conditions over traits, consent, reach, time and behaviour. Pure.

A definition is stored as JSON with its format. It is bounded in depth, in size and in the length of its
texts, so that whatever somebody posts compiles to one statement of a size that the database bears.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from huifang.customers.errors import FaultySegmentError
from huifang.decisions.conditions import Op

DEPTH_MAX = 5
CONDITIONS_MAX = 50
DAYS_MAX = 3660
WINDOW_DAYS_MAX = 400
_NAME_LENGTH_MAX = 255
FIELDS = ("wallet_kind", "language", "region", "country", "time_zone")
DATES = ("first_seen_at", "last_seen_at", "registered_at")

_Name = Annotated[str, Meta(min_length=1, max_length=_NAME_LENGTH_MAX)]
_Text = Annotated[str, Meta(max_length=500)]
_Number = Annotated[float, Meta(gt=-1e15, lt=1e15)] | Annotated[int, Meta(gt=-(10**15), lt=10**15)]
Scalar = bool | _Number | _Text
Value = Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=100)] | None
_Days = Annotated[int, Meta(ge=-DAYS_MAX, le=DAYS_MAX)]
_Times = Annotated[int, Meta(ge=0, le=10**9)]


class _Node(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every node of the tree has in common."""


class All(_Node, frozen=True, kw_only=True, tag="all"):
    """Every one of *of* is met."""

    of: "tuple[Condition, ...]" = ()


class AnyOf(_Node, frozen=True, kw_only=True, tag="any"):
    """At least one of *of* is met."""

    of: "tuple[Condition, ...]" = ()


class Not(_Node, frozen=True, kw_only=True, tag="not"):
    """None of *of* is met."""

    of: "tuple[Condition, ...]" = ()


class Field(_Node, frozen=True, kw_only=True, tag="field"):
    """One of the product's own columns, such as the wallet kind."""

    name: Literal["wallet_kind", "language", "region", "country", "time_zone"]
    op: Op = Op.IS
    value: Value = None


class Trait(_Node, frozen=True, kw_only=True, tag="trait"):
    """One of the wallet's own traits."""

    name: _Name
    op: Op = Op.IS
    value: Value = None


class Reachable(_Node, frozen=True, kw_only=True, tag="reachable"):
    """There is an address for *channel*, and nobody has refused it."""

    channel: Literal["sms", "email", "push", "im", "phone"]


class Consent(_Node, frozen=True, kw_only=True, tag="consent"):
    """The customer has consented to *purpose* on *channel* ("*": on any)."""

    purpose: Literal["service_follow_up", "marketing", "call_recording"] = "service_follow_up"
    channel: Literal["*", "in_app", "sms", "email", "push", "im", "phone", "webhook"] = "*"


class LeftAlone(_Node, frozen=True, kw_only=True, tag="left_alone"):
    """The customer asked for no contact at all."""


class When(_Node, frozen=True, kw_only=True, tag="when"):
    """A time of the customer's lies so many days from now: 0 is now, negative is past.

    *what* is one of `DATES`, or ``trait:<name>`` for a trait that holds a date.
    """

    what: _Name
    from_days: _Days | None = None
    until_days: _Days | None = None


class Property(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on a property of the event itself."""

    name: _Name
    op: Op = Op.IS
    value: Value = None


class Did(_Node, frozen=True, kw_only=True, tag="did"):
    """The customer did *event* so often, for so much.

    *within_days* counts only what was done so lately; None counts everything ever done. *first_* and
    *last_* say how many days ago it was done first or last.
    """

    event: _Name
    at_least: _Times = 1
    at_most: _Times | None = None
    amount_at_least: float | None = None
    amount_at_most: float | None = None
    within_days: Annotated[int, Meta(ge=1, le=WINDOW_DAYS_MAX)] | None = None
    first_within_days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] | None = None
    last_before_days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] | None = None
    where: Annotated[tuple[Property, ...], Meta(max_length=5)] = ()

    @property
    def needs_events(self) -> bool:
        """Whether the counts that are kept of each customer do not tell, so that events must be read."""
        if self.where:
            return True
        if self.within_days is None:
            return False
        only_once = self.at_least <= 1 and self.at_most is None
        return not ((only_once or self.at_most == 0) and not self.has_amount)

    @property
    def has_amount(self) -> bool:
        """Whether the sum of amounts matters."""
        return self.amount_at_least is not None or self.amount_at_most is not None


Condition = All | AnyOf | Not | Field | Trait | Reachable | Consent | LeftAlone | When | Did
Group = (All, AnyOf, Not)


class Definition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole segment. *format* says how to read it after an upgrade."""

    where: Condition
    format: Literal[1] = 1


def read(raw: object) -> Definition:
    """Parse what was stored or posted. Raises `FaultySegmentError`."""
    try:
        _check_depth(raw)
        definition = msgspec.convert(raw, Definition)
    except msgspec.ValidationError as problem:
        raise FaultySegmentError(problems=problem) from None
    faults = [f"{path or '/'}: {code}" for path, code in faults_of(definition)]
    if faults:
        raise FaultySegmentError(problems=", ".join(faults))
    return definition


def to_json(definition: Definition) -> dict[str, object]:
    """The definition as it is stored."""
    built = msgspec.to_builtins(definition)
    assert isinstance(built, dict)
    return built


def _check_depth(raw: object, depth: int = 0) -> None:
    if depth > 2 * DEPTH_MAX + 6:
        raise msgspec.ValidationError("nested too deep")
    inner = raw.values() if isinstance(raw, Mapping) else raw if isinstance(raw, list | tuple) else ()
    for each in inner:
        _check_depth(each, depth + 1)


def walk(condition: Condition, path: str = "") -> Iterator[tuple[str, Condition]]:
    """Every node with its path ("0.2": the third of the first), groups before what they hold."""
    yield path, condition
    if isinstance(condition, All | AnyOf | Not):
        for number, inner in enumerate(condition.of):
            yield from walk(inner, f"{path}.{number}" if path else str(number))


def faults_of(definition: Definition) -> list[tuple[str, str]]:
    """What cannot be used, as (path, code); none where the segment can be asked for."""
    faults: list[tuple[str, str]] = []
    nodes = list(walk(definition.where))
    if len(nodes) > CONDITIONS_MAX:
        faults.append(("", "too_many"))
    for path, node in nodes:
        if path and path.count(".") + 1 >= DEPTH_MAX and isinstance(node, Group):
            faults.append((path, "too_deep"))
        code = _fault(node)
        if code:
            faults.append((path, code))
    return faults


def _fault(node: Condition) -> str:
    if isinstance(node, Field) and node.op in {Op.AT_LEAST, Op.AT_MOST}:
        return "bad_value"
    if isinstance(node, Field | Trait):
        return "" if fits(node.op, node.value) else "bad_value"
    if isinstance(node, When):
        return _when_fault(node)
    if isinstance(node, Did):
        return _did_fault(node)
    return ""


def _when_fault(node: When) -> str:
    if node.what not in DATES and not (node.what.startswith("trait:") and node.what != "trait:"):
        return "unknown_date"
    if node.from_days is None and node.until_days is None:
        return "no_window"
    is_turned = node.from_days is not None and node.until_days is not None
    return "never" if is_turned and node.from_days > node.until_days else ""  # type: ignore[operator]


def _did_fault(node: Did) -> str:
    if node.at_most is not None and node.at_most < node.at_least:
        return "never"
    if any(not fits(each.op, each.value) for each in node.where):
        return "bad_value"
    if node.where and node.within_days is None:
        return "no_window"
    return ""


def fits(op: Op, value: Value) -> bool:
    """Whether *op* can compare anything with *value*."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if op in {Op.AT_LEAST, Op.AT_MOST}:
        return is_number
    if op in {Op.EXISTS, Op.MISSING}:
        return value is None
    if op is Op.IN:
        return isinstance(value, tuple) and bool(value)
    if op is Op.CONTAINS:
        return value is not None and not isinstance(value, tuple) and value != ""
    return value is not None and not isinstance(value, tuple)
