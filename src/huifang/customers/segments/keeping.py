"""Keeps segments: made, saved, copied, put away, brought back, a change undone. Each save keeps the last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from huifang.customers import cleaning
from huifang.customers.errors import SegmentNameError, StaleSegmentError, UnknownSegmentError
from huifang.customers.models import Segment, SegmentVersion
from huifang.customers.segments import definition
from huifang.customers.segments.definition import Definition
from huifang.kernel import audit

NAME_LENGTH_MAX = 100


def get(segment_id: int, *, lock: bool = False) -> Segment:
    """The row. Raises `UnknownSegmentError`."""
    rows = Segment.objects.select_for_update() if lock else Segment.objects.all()
    found = rows.filter(pk=segment_id).first() if 0 < segment_id < 2**63 else None
    if found is None:
        raise UnknownSegmentError(segment=segment_id)
    return found


def condition_of(segment: Segment) -> definition.Condition:
    """Its conditions, as they are asked."""
    return definition.read(segment.definition).where


def rows(*, is_archived: bool = False) -> Iterable[Segment]:
    """Segments in order of their names."""
    return Segment.objects.filter(archived_at__isnull=not is_archived).order_by("name", "pk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a segment is to be."""

    name: str
    wanted: Definition


def create(*, draft: Draft, by: str, now: datetime) -> Segment:
    """Make one. Raises `SegmentNameError`."""
    with transaction.atomic():
        return _save(Segment(version=0, created_at=now), draft, "created", by=by, now=now)


def save(*, segment_id: int, draft: Draft, version: int | None, by: str, now: datetime) -> Segment:
    """Save over *version*. Raises `StaleSegmentError`, `SegmentNameError`, `UnknownSegmentError`."""
    with transaction.atomic():
        segment = get(segment_id, lock=True)
        if version is not None and version != segment.version:
            raise StaleSegmentError
        return _save(segment, draft, "changed", by=by, now=now)


def undo(*, segment_id: int, by: str, now: datetime) -> Segment:
    """Go back to what was before the last save, by one more save; nothing where there was only one."""
    with transaction.atomic():
        segment = get(segment_id, lock=True)
        before = SegmentVersion.objects.filter(segment=segment, number=segment.version - 1).first()
        if before is None:
            return segment
        draft = Draft(name=before.name, wanted=definition.read(before.definition))
        return _save(segment, draft, "undone", by=by, now=now)


def copy(*, segment_id: int, name: str, by: str, now: datetime) -> Segment:
    """One more with the same conditions. Its name gets a number where it is taken."""
    source = get(segment_id)
    taken = set(Segment.objects.filter(archived_at=None).values_list("name", flat=True))
    wanted_name, number = _clean_name(name), 2
    while wanted_name in taken:
        wanted_name, number = f"{_clean_name(name)} {number}", number + 1
    wanted = definition.read(source.definition)
    return create(draft=Draft(name=wanted_name, wanted=wanted), by=by, now=now)


def archive(*, segment_id: int, by: str, now: datetime) -> None:
    """Put away: no longer offered, but whoever uses it still finds its customers."""
    with transaction.atomic():
        segment = get(segment_id, lock=True)
        if segment.archived_at is None:
            segment.archived_at = now
            segment.save(update_fields=["archived_at"])
            _audit(segment, "archived", by=by, now=now)


def restore(*, segment_id: int, by: str, now: datetime) -> None:
    """Bring back what was put away. Raises `SegmentNameError`."""
    with transaction.atomic():
        segment = get(segment_id, lock=True)
        if segment.archived_at is not None:
            segment.archived_at = None
            _write(segment)
            _audit(segment, "restored", by=by, now=now)


def _save(segment: Segment, draft: Draft, act: str, *, by: str, now: datetime) -> Segment:
    segment.name = _clean_name(draft.name)
    segment.definition = definition.to_json(draft.wanted)
    segment.version += 1
    segment.edited_at, segment.edited_by = now, by
    _write(segment)
    SegmentVersion.objects.create(
        segment=segment,
        number=segment.version,
        name=segment.name,
        definition=segment.definition,
        saved_at=now,
        saved_by=by,
    )
    _audit(segment, act, by=by, now=now)
    return segment


def _write(segment: Segment) -> None:
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError as problem:
        if "customers_segment_name" not in str(problem):
            raise
        raise SegmentNameError(name=segment.name) from None


def _clean_name(name: str) -> str:
    return cleaning.clean_text(name, NAME_LENGTH_MAX) or "–"


def _audit(segment: Segment, act: str, *, by: str, now: datetime) -> None:
    audit.record(
        actor=by,
        action=f"segment.{act}",
        subject=f"segment:{segment.pk}",
        facts={"name": segment.name, "version": segment.version},
        at=now,
    )
