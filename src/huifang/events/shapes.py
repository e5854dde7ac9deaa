"""Learns what properties look like from a sample of events, and says where one differs. Pure.

What is kept of a property is bounded however hostile its keys and values are, and names nobody: a value is an
example only once three people sent it, and numbers are rounded.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zlib import crc32

from huifang.events import personal
from huifang.events.records import Declaration, EventShape, PropertyShape, StoredEvent
from huifang.kernel.refusals import gettext_noop

TYPES = (
    gettext_noop("text"),
    gettext_noop("number"),
    gettext_noop("true or false"),
    gettext_noop("list"),
    gettext_noop("object"),
)
KEYS_MAX = 200
KEY_LENGTH_MAX = 100
SAMPLES_MAX = 5
_VALUES_MAX = 5
_PENDING_MAX = 20
_PEOPLE = 3
_VALUE_LENGTH_MAX = 40
_SETTLED_FROM = 20  # so many values of one type make another type a change
_MAIN_SHARE = 0.95
_NUMBER_MAX = 1e15  # beyond it stand ids
REST = ""  # stands for the keys beyond `KEYS_MAX`, together


class DriftCode(StrEnum):
    """How events differ. Stored: never rename one."""

    UNDECLARED = "undeclared"
    NEW_PROPERTY = "new_property"
    MISSING_PROPERTY = "missing_property"
    WRONG_TYPE = "wrong_type"
    NOT_ALLOWED = "not_allowed"
    TYPE_CHANGED = "type_changed"
    TOO_MANY_KEYS = "too_many_keys"
    STOPPED = "stopped"


DRIFTS: dict[str, str] = {
    DriftCode.UNDECLARED: gettext_noop("Nobody has declared this event."),
    DriftCode.NEW_PROPERTY: gettext_noop("A property came that is not declared."),
    DriftCode.MISSING_PROPERTY: gettext_noop("A required property is missing."),
    DriftCode.WRONG_TYPE: gettext_noop("A property has another type than is declared."),
    DriftCode.NOT_ALLOWED: gettext_noop("A property has a value that is not allowed."),
    DriftCode.TYPE_CHANGED: gettext_noop("A property has another type than before."),
    DriftCode.TOO_MANY_KEYS: gettext_noop("So many properties that not all are looked at: are names data?"),
    DriftCode.STOPPED: gettext_noop("It came often, and no longer comes."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference of one event."""

    code: DriftCode
    key: str = ""
    detail: str = ""


def type_of(value: object) -> str:
    """The word for the type of a JSON value; "" for null, which says nothing."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "object" if isinstance(value, dict) else ""


def differences(
    declared: Declaration, properties: Mapping[str, Any], sealed: Iterable[str] | None
) -> Iterator[Difference]:
    """Where *properties* are not as *declared*.

    *sealed* names those that were sealed, None where that is not known; of what is sealed only its being
    there can be judged.
    """
    for each in declared.properties:
        value = properties.get(each.key)
        kind = type_of(value)
        hidden = personal.kind_of(each.key) if sealed is None else each.key in sealed
        if not kind:
            if each.is_required and not hidden:
                yield Difference(code=DriftCode.MISSING_PROPERTY, key=each.key)
        elif each.type and kind != each.type:
            detail = f"{kind} instead of {each.type}"
            yield Difference(code=DriftCode.WRONG_TYPE, key=each.key, detail=detail)
        elif each.allowed and _told(value) not in each.allowed:
            yield Difference(code=DriftCode.NOT_ALLOWED, key=each.key)
    if not declared.is_built_in:
        known = {each.key for each in declared.properties}
        for key in properties:
            if key not in known and type_of(properties[key]):
                yield Difference(code=DriftCode.NEW_PROPERTY, key=key[:KEY_LENGTH_MAX])


def _told(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value) if abs(value) < _NUMBER_MAX else ""
    return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Learned:
    """What is known of one name while events are added to it; *properties* is as it is stored."""

    count: int
    properties: dict[str, dict[str, Any]]
    samples: list[list[str]]

    def add(self, event: StoredEvent, *, day: str) -> list[Difference]:
        """Take one more event in; returns where it differs from those before."""
        self.count += 1
        self.samples = [[day, event.message_id], *self.samples][:SAMPLES_MAX]
        person = _mark(event.external_id or event.anonymous_id)
        found = []
        for key, value in event.properties.items():
            if kind := type_of(value):
                found += self._add_value(key[:KEY_LENGTH_MAX], kind, value, person)
        return found

    def _add_value(self, key: str, kind: str, value: Any, person: str) -> list[Difference]:
        found = []
        if key not in self.properties and len(self.properties) >= KEYS_MAX:
            found.append(Difference(code=DriftCode.TOO_MANY_KEYS))
            key = REST
        seen = self.properties.setdefault(key, {"count": 0, "types": {}})
        types: dict[str, int] = seen["types"]
        if key != REST and types and kind not in types and (before := _main_type(types)):
            detail = f"{kind} instead of {before}"
            found.append(Difference(code=DriftCode.TYPE_CHANGED, key=key, detail=detail))
        seen["count"] += 1
        types[kind] = types.get(kind, 0) + 1
        if kind == "number":
            _widen(seen, value)
        elif kind == "text" and key != REST:
            _exemplify(seen, value, person)
        return found

    def shape(self, name: str) -> EventShape:
        """The same, to be shown."""
        known = sorted(self.properties.items(), key=lambda item: (-item[1]["count"], item[0]))
        return EventShape(
            name=name,
            count=self.count,
            properties=tuple(_shape(key, seen, self.count) for key, seen in known if key != REST),
            is_cut_off=REST in self.properties,
        )


def _shape(key: str, seen: Mapping[str, Any], count: int) -> PropertyShape:
    return PropertyShape(
        key=key,
        share=min(1.0, seen["count"] / max(count, 1)),
        types={kind: times / seen["count"] for kind, times in seen["types"].items()},
        values=tuple(seen.get("values", ())),
        low=seen.get("low"),
        high=seen.get("high"),
    )


def _main_type(types: Mapping[str, int]) -> str:
    """The type that nearly all values had so far, "" where there is none."""
    kind, times = max(types.items(), key=lambda item: item[1])
    total = sum(types.values())
    return kind if total >= _SETTLED_FROM and times >= _MAIN_SHARE * total else ""


def _widen(seen: dict[str, Any], value: float) -> None:
    """Note the range of numbers, rounded outwards to one digit so that no single one can be read off."""
    if not abs(value) < _NUMBER_MAX:  # NaN is not either
        return
    low, high = seen.get("low"), seen.get("high")
    if low is None or value < low:
        seen["low"] = _rounded(value, math.floor)
    if high is None or value > high:
        seen["high"] = _rounded(value, math.ceil)


def _rounded(value: float, how: Any) -> float:
    if not value:
        return 0
    unit = 10.0 ** math.floor(math.log10(abs(value)))
    return float(how(value / unit) * unit)


def _exemplify(seen: dict[str, Any], value: str, person: str) -> None:
    """Keep a short text as an example once three people have sent it; before that only marks of it."""
    values: list[str] = seen.setdefault("values", [])
    is_usual = 0 < len(value) <= _VALUE_LENGTH_MAX and value.isprintable()
    if len(values) >= _VALUES_MAX or value in values or not is_usual or personal.mask_text(value) != value:
        return
    pending: dict[str, list[str]] = seen.setdefault("pending", {})
    mark = _mark(value)
    if mark not in pending and len(pending) >= _PENDING_MAX:
        del pending[min(pending, key=lambda each: len(pending[each]))]
    people = pending.setdefault(mark, [])
    if person not in people:
        people.append(person)
    if len(people) >= _PEOPLE:
        del pending[mark]
        values.append(value)
    if len(values) >= _VALUES_MAX:
        seen["pending"] = {}


def _mark(text: str) -> str:
    """A mark by which equal texts are counted and from which none can be read."""
    return f"{crc32(text.encode('utf-8', 'replace')):08x}"


def first_fault(declared: Declaration, properties: Mapping[str, Any], sealed: Sequence[str]) -> str:
    """The first difference that a strict declaration does not let pass, in words; "" where there is none."""
    for each in differences(declared, properties, sealed):
        if each.code is not DriftCode.NEW_PROPERTY:
            return f"{each.key}: {each.detail or each.code.value.replace('_', ' ')}."
    return ""
