"""Finds two conditions that cannot both hold, so that a segment which must stay empty says why. Pure.

Looks at pairs that one group asks for together ("all of", groups of the same inside it, "none of" inside
it). Not finding any proves nothing: it warns, it never forbids.
"""

from collections.abc import Iterator
from itertools import combinations

from huifang.customers.segments.definition import (
    All,
    AnyOf,
    Condition,
    Consent,
    Did,
    Field,
    Not,
    Trait,
    When,
)
from huifang.decisions.conditions import Op

_Asked = tuple[str, Condition, bool]  # path, leaf, whether it is asked for (or must not hold)


def clashes_of(root: Condition) -> list[tuple[str, str]]:
    """Pairs of paths of conditions that contradict each other."""
    found: list[tuple[str, str]] = []
    for asked in _together(root, ""):
        found += [
            (one[0], two[0]) for one, two in combinations(asked, 2) if _clash(one, two) or _clash(two, one)
        ]
    return sorted(set(found))


def _together(node: Condition, path: str) -> Iterator[list[_Asked]]:
    """The leaves asked for together, for each group that is not itself part of such a one."""
    yield list(_asked(node, path, wanted=True))
    yield from _alternatives(node, path)


def _alternatives(node: Condition, path: str) -> Iterator[list[_Asked]]:
    if not isinstance(node, All | AnyOf | Not):
        return
    for number, inner in enumerate(node.of):
        place = f"{path}.{number}" if path else str(number)
        if isinstance(node, AnyOf) and isinstance(inner, All):
            yield list(_asked(inner, place, wanted=True))
        yield from _alternatives(inner, place)


def _asked(node: Condition, path: str, *, wanted: bool) -> Iterator[_Asked]:
    if not isinstance(node, All | AnyOf | Not):
        yield path, node, wanted
        return
    # All of these hold; or none of those does. A choice between several asks for no single one.
    opens = (isinstance(node, All) and wanted) or (isinstance(node, Not) and wanted)
    single = len(node.of) == 1
    if not opens and not single:
        return
    for number, inner in enumerate(node.of):
        place = f"{path}.{number}" if path else str(number)
        yield from _asked(inner, place, wanted=wanted is not isinstance(node, Not))


def _clash(one: _Asked, two: _Asked) -> bool:
    (_, a, a_wanted), (_, b, b_wanted) = one, two
    if a_wanted is not b_wanted:
        return a == b or (a_wanted and _implies(a, b)) or (b_wanted and _implies(b, a))
    if not a_wanted:
        return False
    if isinstance(a, Field | Trait) and type(a) is type(b) and isinstance(b, Field | Trait):
        return a.name == b.name and _values_clash(a, b)
    if isinstance(a, When) and isinstance(b, When):
        return a.what == b.what and _windows_clash(a, b)
    if isinstance(a, Did) and isinstance(b, Did):
        return a.event == b.event and a.where == b.where and _counts_clash(a, b)
    return False


def _implies(a: Condition, b: Condition) -> bool:
    """Whether whoever meets *a* meets *b*, in the cases that people run into."""
    if isinstance(a, Consent) and isinstance(b, Consent):
        return a.purpose == b.purpose and b.channel == "*"
    if isinstance(a, Did) and isinstance(b, Did) and a.event == b.event and not b.where:
        return b == Did(event=b.event, at_least=b.at_least) and a.at_least >= b.at_least
    return False


def _values_clash(a: Field | Trait, b: Field | Trait) -> bool:
    if a.op is Op.MISSING:
        return b.op is not Op.MISSING
    if a.op is Op.IS and b.op is Op.IS_NOT:
        return a.value == b.value
    ours, theirs = _allowed(a), _allowed(b)
    if ours is not None and theirs is not None:
        return not any(value in theirs for value in ours)
    low, high = _bound(a, Op.AT_LEAST), _bound(b, Op.AT_MOST)
    if low is not None and high is not None:
        return low > high
    if ours is not None and b.op in {Op.AT_LEAST, Op.AT_MOST}:
        return not any(_within(value, b) for value in ours)
    return False


def _allowed(leaf: Field | Trait) -> tuple[object, ...] | None:
    if leaf.op is Op.IS:
        return (leaf.value,)
    return leaf.value if leaf.op is Op.IN and isinstance(leaf.value, tuple) else None


def _bound(leaf: Field | Trait, op: Op) -> float | None:
    is_number = isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool)
    return leaf.value if leaf.op is op and is_number else None  # type: ignore[return-value]


def _within(value: object, leaf: Field | Trait) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low, high = _bound(leaf, Op.AT_LEAST), _bound(leaf, Op.AT_MOST)
    return (low is None or value >= low) and (high is None or value <= high)


def _windows_clash(a: When, b: When) -> bool:
    return a.from_days is not None and b.until_days is not None and a.from_days > b.until_days


def _counts_clash(a: Did, b: Did) -> bool:
    """More than the other allows: within the same window, or ever for the one and lately for the other."""
    covers = (
        a.within_days == b.within_days
        or b.within_days is None
        or (a.within_days is not None and a.within_days <= b.within_days)
    )
    if covers and b.at_most is not None and a.at_least > b.at_most:
        return True
    lately = a.within_days if a.at_least > 0 else None
    return lately is not None and b.last_before_days is not None and lately <= b.last_before_days
