"""What can be asked of segments; `queries` hands it on."""

from collections.abc import Iterable, Mapping

from huifang.customers.models import Segment
from huifang.customers.records import SegmentChoice, SegmentCount
from huifang.customers.segments import keeping, members, phrases
from huifang.customers.segments.definition import read, to_json, walk
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId


def segments(*, is_archived: bool = False) -> list[SegmentChoice]:
    """The segments to choose from, by name; or those that were put away."""
    return [to_choice(row) for row in keeping.rows(is_archived=is_archived)]


def segment(*, segment_id: int) -> SegmentChoice:
    """One segment, also where it was put away. Raises `UnknownSegmentError`."""
    return to_choice(keeping.get(segment_id))


def to_choice(row: Segment) -> SegmentChoice:
    """The record of one row."""
    return SegmentChoice(
        id=row.pk,
        name=row.name,
        sentence=phrases.sentence(keeping.condition_of(row)),
        version=row.version,
        edited_at=row.edited_at,
        edited_by=row.edited_by,
        is_archived=row.archived_at is not None,
    )


def segment_members(*, segment_id: int, after: CustomerId | None = None, limit: int) -> list[CustomerId]:
    """At most *limit* customers of a segment above *after*, ascending; fewer than *limit*: that was all.

    Raises `UnknownSegmentError`, `SlowSegmentError`, and `ScanTooLargeError` where events would have to be
    read and are too many.
    """
    condition = keeping.condition_of(keeping.get(segment_id))
    found = members.ids(condition, after=after or 0, limit=limit, now=clock.now())
    return [CustomerId(pk) for pk in found]


def segment_count(*, segment_id: int) -> SegmentCount:
    """How many customers are in a segment: exact up to some thousands, about beyond. Raises as above."""
    return members.count(keeping.condition_of(keeping.get(segment_id)), now=clock.now())


def members_among(*, segment_id: int, customer_ids: Iterable[CustomerId]) -> frozenset[CustomerId]:
    """Those of *customer_ids* who are in a segment now. Raises as above."""
    condition = keeping.condition_of(keeping.get(segment_id))
    found = members.among(condition, customer_ids=list(customer_ids), now=clock.now())
    return frozenset(CustomerId(pk) for pk in found)


def segment_definition(*, segment_id: int) -> Mapping[str, object]:
    """The conditions of a segment, as JSON. Raises `UnknownSegmentError`."""
    return to_json(read(keeping.get(segment_id).definition))


def segment_sentence(*, definition: Mapping[str, object], path: str = "") -> str:
    """Conditions in words; of the one at *path*, where that is given. Raises `FaultySegmentError`."""
    return phrases.sentence(dict(walk(read(definition).where))[path])
