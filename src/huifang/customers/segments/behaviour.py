"""Reads events for what the kept counts do not tell: how often within a window, or with which properties.

Bounded: at most `EVENTS_MAX` events are read for one condition, and what was read serves for that minute.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from huifang.customers import cleaning, store
from huifang.customers.errors import ScanTooLargeError
from huifang.customers.models import Alias
from huifang.customers.segments import compiling
from huifang.customers.segments.definition import Condition, Did, walk
from huifang.decisions import conditions
from huifang.events import queries as events

EVENTS_MAX = 200_000
_KEPT_LEAVES = 64


def scan(condition: Condition, *, now: datetime) -> dict[Did, Sequence[int]]:
    """Who meets each condition that needs events, for `compiling`. Raises `ScanTooLargeError`."""
    minute = now.replace(second=0, microsecond=0)
    leaves = [node for _, node in walk(condition) if isinstance(node, Did) and node.needs_events]
    return {leaf: _of(leaf, minute) for leaf in leaves}


def forget() -> None:
    """Drop what was read: for tests, whose clock stands still."""
    _of.cache_clear()


@lru_cache(maxsize=_KEPT_LEAVES)
def _of(leaf: Did, minute: datetime) -> tuple[int, ...]:
    done = _done(leaf, minute + timedelta(minutes=1))
    inverted = compiling.is_inverted(leaf)
    return tuple(
        sorted(pk for pk, (count, amount) in done.items() if _meets(leaf, count, amount) is not inverted)
    )


def _meets(leaf: Did, count: int, amount: Decimal) -> bool:
    return (
        count >= leaf.at_least
        and (leaf.at_most is None or count <= leaf.at_most)
        and (leaf.amount_at_least is None or amount >= Decimal(str(leaf.amount_at_least)))
        and (leaf.amount_at_most is None or amount <= Decimal(str(leaf.amount_at_most)))
    )


def _done(leaf: Did, until: datetime) -> dict[int, tuple[int, Decimal]]:
    assert leaf.within_days is not None
    start = until - timedelta(days=leaf.within_days)
    tests = [conditions.Condition(field=each.name, op=each.op, value=each.value) for each in leaf.where]
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    read = 0
    for chunk in events.events_between(start=start, end=until, names=[leaf.event]):
        read += len(chunk)
        if read > EVENTS_MAX:
            raise ScanTooLargeError(limit=EVENTS_MAX, event=leaf.event, days=leaf.within_days)
        for event in chunk:
            if event.kind == "track" and conditions.matches(tests, event.properties):
                who = (event.external_id, "" if event.external_id else event.anonymous_id)
                count, amount = sums.get(who, (0, Decimal(0)))
                sums[who] = (count + 1, amount + cleaning.amount_of(event.properties))
    return _by_customer(sums)


def _by_customer(sums: Mapping[tuple[str, str], tuple[int, Decimal]]) -> dict[int, tuple[int, Decimal]]:
    known = store.find({external for external, _ in sums if external})
    aliases = Alias.objects.filter(anonymous_id__in={anonymous for _, anonymous in sums if anonymous})
    guests = dict(aliases.values_list("anonymous_id", "customer_id"))
    found: dict[int, tuple[int, Decimal]] = {}
    for (external, anonymous), (count, amount) in sums.items():
        pk = known.get(external) if external else guests.get(anonymous)
        if pk is not None:
            before = found.get(pk, (0, Decimal(0)))
            found[pk] = (before[0] + count, before[1] + amount)
    return found
