"""The events of the HTTP API: rejected messages to read and replay."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from huifang.api.frame import require
from huifang.events import catalogue_endpoints, queries, services
from huifang.events.records import Rejected, RejectedFilter
from huifang.kernel import clock

router = Router(tags=["events"])
router.add_router("", catalogue_endpoints.router)
_LIMIT_MAX = 500


class RejectedOut(Schema):
    """A message that was not stored, and why."""

    id: int
    code: str
    detail: str
    source_id: int
    source_name: str
    kind: str
    name: str
    external_id: str
    message_id: str
    received_at: datetime
    last_received_at: datetime
    times: int
    is_whole: bool
    replayed_at: datetime | None


class RejectedWholeOut(RejectedOut):
    """The same with its payload as text, the personal in it masked."""

    payload: str


class RejectedPageOut(Schema):
    """Some rejected messages, newest first; hand *next_before* back as *before* for more, null at the end."""

    rejected: list[RejectedOut]
    next_before: int | None
    total: int


class Wanted(Schema):
    """Which rejected messages are meant; what is left out means any."""

    code: str = ""
    source_id: int | None = None
    day: date | None = None

    def to_filter(self, *, include_replayed: bool = False) -> RejectedFilter:
        """The filter of the queries."""
        return RejectedFilter(
            code=self.code, source_id=self.source_id, day=self.day, include_replayed=include_replayed
        )


class Listed(Wanted):
    """A page of the rejected list."""

    include_replayed: bool = False
    before: int | None = None
    limit: int = Field(50, ge=1, le=_LIMIT_MAX)


class ReplayIn(Schema):
    """What to replay instead of the message as it was; a mask left in it stands for what was there."""

    payload: str | None = None


class FaultOut(Schema):
    """Why a message is still not stored."""

    index: int
    code: str
    message: str


class ReplayOut(Schema):
    """The outcome of one replay."""

    accepted: int
    rejected: list[FaultOut]


class ReplayedOut(Schema):
    """The outcome of replaying many; call again while *tried* reaches the limit of 500."""

    tried: int
    stored: int


@router.get("/rejected", response=RejectedPageOut)
def list_rejected(request: HttpRequest, wanted: Query[Listed]) -> RejectedPageOut:
    """Messages that were not stored."""
    require("events.view")(request)
    page = queries.rejected(
        wanted=wanted.to_filter(include_replayed=wanted.include_replayed),
        limit=wanted.limit,
        before=wanted.before,
    )
    return RejectedPageOut(
        rejected=[_out(row) for row in page.rows], next_before=page.next_before, total=page.total
    )


@router.get("/rejected/{int:rejected_id}", response=RejectedWholeOut)
def read_rejected(request: HttpRequest, rejected_id: int) -> RejectedWholeOut:
    """One message with its payload."""
    require("events.view")(request)
    row, payload = queries.rejected_event(rejected_id=rejected_id)
    return RejectedWholeOut(**_out(row).dict(), payload=payload)


@router.post("/rejected/{int:rejected_id}/replay", response=ReplayOut)
def replay_rejected(request: HttpRequest, rejected_id: int, body: ReplayIn) -> ReplayOut:
    """Take one message in again, as it was or as edited."""
    require("events.replay")(request)
    outcome = services.replay(
        rejected_id=rejected_id, payload=body.payload, by=_actor(request), now=clock.now()
    )
    faults = [FaultOut(index=each.index, code=each.code, message=each.message) for each in outcome.rejected]
    return ReplayOut(accepted=outcome.accepted, rejected=faults)


@router.post("/rejected/replays", response=ReplayedOut)
def replay_many(request: HttpRequest, body: Wanted) -> ReplayedOut:
    """Take in again what matches, the oldest first, 500 at most in one call."""
    require("events.replay")(request)
    done = services.replay_matching(
        wanted=body.to_filter(), by=_actor(request), now=clock.now(), limit=_LIMIT_MAX
    )
    return ReplayedOut(tried=done.tried, stored=done.stored)


def _actor(request: HttpRequest) -> str:
    return str(getattr(request, "auth", "api"))


def _out(row: Rejected) -> RejectedOut:
    return RejectedOut(
        id=row.id,
        code=row.code,
        detail=row.detail,
        source_id=row.source_id,
        source_name=row.source_name,
        kind=row.kind,
        name=row.name,
        external_id=row.external_id,
        message_id=row.message_id,
        received_at=row.received_at,
        last_received_at=row.last_received_at,
        times=row.times,
        is_whole=row.is_whole,
        replayed_at=row.replayed_at,
    )
