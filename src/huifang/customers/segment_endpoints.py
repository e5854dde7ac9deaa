"""The segments of the HTTP API: list, read, make, change, try, count, and who is in them, masked."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from huifang.api.frame import require
from huifang.customers import queries, services
from huifang.customers.records import SegmentChoice, SegmentCount
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId

router = Router(tags=["segments"])
_LIMIT_MAX = 1000


class SegmentIn(Schema):
    """A segment to keep. *version*: the one that was read, so that nobody's change is written over."""

    name: str = Field(min_length=1, max_length=100)
    definition: dict[str, object]
    version: int | None = None


class ConditionsIn(Schema):
    """Conditions to try: ``{"where": {"kind": "all", "of": [...]}}``."""

    definition: dict[str, object]


class CountOut(Schema):
    """How many; not *is_exact*: about so many."""

    number: int
    is_exact: bool


class SegmentOut(Schema):
    """A segment. *sentence* says its conditions in words."""

    id: int
    name: str
    sentence: str
    version: int
    edited_at: datetime
    edited_by: str
    is_archived: bool
    definition: dict[str, object]


class PreviewOut(Schema):
    """What conditions amount to. *clashes*: places of two that cannot both hold ("0.2": 3rd of the 1st)."""

    count: CountOut
    first: list[str]
    clashes: list[tuple[str, str]]


class MembersOut(Schema):
    """Ids of the wallet; hand *next_after* back as *after* for more, 0 at the end."""

    customers: list[str]
    next_after: int


@router.get("", response=list[SegmentOut], url_name="segments")
def list_segments(request: HttpRequest, is_archived: bool = False) -> list[SegmentOut]:
    """Every segment, by name; or those that were put away."""
    require("customers.view")(request)
    return [_shape(each) for each in queries.segments(is_archived=is_archived)]


@router.post("", response={201: SegmentOut}, url_name="segments-new")
def create_segment(request: HttpRequest, segment: SegmentIn) -> tuple[int, SegmentOut]:
    """Make a segment."""
    require("customers.edit")(request)
    made = services.create_segment(
        name=segment.name, definition=segment.definition, by=_actor(request), now=clock.now()
    )
    return 201, _shape(made)


@router.post("/preview", response=PreviewOut, url_name="segments-preview")
def preview(request: HttpRequest, conditions: ConditionsIn) -> PreviewOut:
    """Try conditions without keeping them."""
    require("customers.view")(request)
    found = queries.segment_preview(definition=conditions.definition)
    return PreviewOut(
        count=_count(found.count),
        first=[row.profile.external_id for row in found.first],
        clashes=list(found.clashes),
    )


@router.get("/{segment_id}", response=SegmentOut, url_name="segment")
def read_segment(request: HttpRequest, segment_id: int) -> SegmentOut:
    """One segment."""
    require("customers.view")(request)
    return _shape(queries.segment(segment_id=segment_id))


@router.put("/{segment_id}", response=SegmentOut, url_name="segment-save")
def save_segment(request: HttpRequest, segment_id: int, segment: SegmentIn) -> SegmentOut:
    """Change a segment; plans that use it follow at once."""
    require("customers.edit")(request)
    saved = services.save_segment(
        segment_id=segment_id,
        name=segment.name,
        definition=segment.definition,
        version=segment.version,
        by=_actor(request),
        now=clock.now(),
    )
    return _shape(saved)


@router.delete("/{segment_id}", response={204: None}, url_name="segment-archive")
def archive_segment(request: HttpRequest, segment_id: int) -> tuple[int, None]:
    """Put a segment away. Whoever uses it goes on finding its customers."""
    require("customers.edit")(request)
    services.archive_segment(segment_id=segment_id, by=_actor(request), now=clock.now())
    return 204, None


@router.post("/{segment_id}/restore", response=SegmentOut, url_name="segment-restore")
def restore_segment(request: HttpRequest, segment_id: int) -> SegmentOut:
    """Bring a segment back that was put away."""
    require("customers.edit")(request)
    services.restore_segment(segment_id=segment_id, by=_actor(request), now=clock.now())
    return _shape(queries.segment(segment_id=segment_id))


@router.post("/{segment_id}/undo", response=SegmentOut, url_name="segment-undo")
def undo_segment(request: HttpRequest, segment_id: int) -> SegmentOut:
    """Go back to what was before the last change."""
    require("customers.edit")(request)
    return _shape(services.undo_segment(segment_id=segment_id, by=_actor(request), now=clock.now()))


@router.post("/{segment_id}/copy", response={201: SegmentOut}, url_name="segment-copy")
def copy_segment(request: HttpRequest, segment_id: int) -> tuple[int, SegmentOut]:
    """One more with the same conditions."""
    require("customers.edit")(request)
    return 201, _shape(services.copy_segment(segment_id=segment_id, by=_actor(request), now=clock.now()))


@router.get("/{segment_id}/count", response=CountOut, url_name="segment-count")
def count_segment(request: HttpRequest, segment_id: int) -> CountOut:
    """How many customers are in it now."""
    require("customers.view")(request)
    return _count(queries.segment_count(segment_id=segment_id))


@router.get("/{segment_id}/members", response=MembersOut, url_name="segment-members")
def list_members(request: HttpRequest, segment_id: int, after: int = 0, limit: int = 100) -> MembersOut:
    """Who is in it now, in pages."""
    require("customers.view")(request)
    size = max(1, min(limit, _LIMIT_MAX))
    ids = queries.segment_members(segment_id=segment_id, after=CustomerId(max(0, after)), limit=size)
    named = queries.profiles(customer_ids=ids)
    names = [named[pk].external_id for pk in ids if pk in named]
    return MembersOut(customers=names, next_after=ids[-1] if len(ids) == size else 0)


def _actor(request: HttpRequest) -> str:
    return str(getattr(request, "auth", "api"))


def _count(count: SegmentCount) -> CountOut:
    return CountOut(number=count.number, is_exact=count.is_exact)


def _shape(choice: SegmentChoice) -> SegmentOut:
    return SegmentOut(
        id=choice.id,
        name=choice.name,
        sentence=choice.sentence,
        version=choice.version,
        edited_at=choice.edited_at,
        edited_by=choice.edited_by,
        is_archived=choice.is_archived,
        definition=dict(queries.segment_definition(segment_id=choice.id)),
    )
