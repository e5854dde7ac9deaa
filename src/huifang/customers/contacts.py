"""Keeps contact points: one of a kind is active, the one stated last; a dead one stays dead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from huifang.customers import sealing, store
from huifang.customers.models import ContactPoint
from huifang.customers.records import KIND_OF_CHANNEL

REPLACED = "replaced"
_Stated = Mapping[str, tuple[str, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StatedPoint:
    customer_id: int
    kind: str
    value: str
    at: datetime


@dataclass(slots=True)
class _Changes:
    retire: list[int] = field(default_factory=list)
    revive: list[int] = field(default_factory=list)
    new: list[dict[str, object]] = field(default_factory=list)
    customer_ids: set[int] = field(default_factory=set)


def state(stated: Mapping[int, _Stated]) -> set[int]:
    """Take the contact points that customers (by key, all locked) stated; returns whose changed."""
    points = _points(stated)
    changes = _Changes()
    for customer_id, by_kind in stated.items():
        for kind, (value, at) in by_kind.items():
            stated_point = _StatedPoint(customer_id=customer_id, kind=kind, value=value, at=at)
            _compare(changes, points.get((customer_id, kind), []), stated_point)
    if changes.customer_ids:
        _write(changes)
    return changes.customer_ids


def _points(customer_ids: Iterable[int]) -> dict[tuple[int, str], list[ContactPoint]]:
    found: dict[tuple[int, str], list[ContactPoint]] = {}
    for point in ContactPoint.objects.filter(customer_id__in=list(customer_ids)).defer("sealed"):
        found.setdefault((point.customer_id, point.kind), []).append(point)
    return found


def _compare(changes: _Changes, known: Sequence[ContactPoint], stated: _StatedPoint) -> None:
    blind_index = sealing.contact_hash(stated.kind, stated.value)
    same = next((point for point in known if bytes(point.blind_index) == blind_index), None)
    if same is not None and (same.state == "active" or same.reason != REPLACED):
        return
    changes.customer_ids.add(stated.customer_id)
    changes.retire.extend(point.pk for point in known if point.state == "active")
    if same is not None:
        changes.revive.append(same.pk)
        return
    changes.new.append(
        {
            "customer_id": stated.customer_id,
            "kind": stated.kind,
            "sealed": sealing.seal_contact(stated.value).hex(),
            "blind_index": blind_index.hex(),
            "seen_at": stated.at,
        }
    )


def _write(changes: _Changes) -> None:
    ContactPoint.objects.filter(pk__in=changes.retire).update(state="retired", reason=REPLACED)
    ContactPoint.objects.filter(pk__in=changes.revive).update(state="active", reason="")
    store.insert_points(changes.new)
    store.spread_suppressions(changes.customer_ids, KIND_OF_CHANNEL)
