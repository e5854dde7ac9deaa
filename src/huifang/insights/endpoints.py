"""The timeline over the API: why was this customer, or were they not, contacted?"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Schema

from huifang.api.frame import require
from huifang.api.instants import Instant
from huifang.customers import queries as customers
from huifang.customers.records import IdOfPath
from huifang.insights import timeline
from huifang.insights.records import Moment, MomentKind

router = Router(tags=["customers"])
_LIMIT_MAX = 1000
_PRIVATE = {"sealed", "seq"}


class MomentOut(Schema):
    """One moment: *kind* is event, decision, attempt, answer or consent; *what* is its record."""

    at: datetime
    kind: str
    reason: str
    what: dict[str, Any]


class TimelineOut(Schema):
    """Moments in order of time; ask again with *before* of the first for older ones."""

    external_id: str
    moments: list[MomentOut]
    has_more: bool


@router.get("/customers/{external_id}/timeline", response=TimelineOut, summary="One customer's line of time")
def read_timeline(
    request: HttpRequest,
    external_id: IdOfPath,
    kind: Annotated[list[Literal["event", "decision", "attempt", "answer", "consent"]], Query()] = [],  # noqa: B006
    before: Instant | None = None,
    limit: Annotated[int, Query(ge=1, le=_LIMIT_MAX)] = 200,
) -> TimelineOut:
    """Events, decisions with their reasons, attempts, answers and consents, oldest first.

    With more than *limit* moments the newest are given, and *has_more* is true.
    """
    require("customers.view")(request)
    profile = customers.profile(external_id=external_id)
    kinds = [MomentKind(each) for each in kind] or list(MomentKind)
    found = timeline.of_customer(profile, kinds=kinds, before=before, limit=limit)
    moments = [_out(moment) for moment in reversed(found.moments)]
    return TimelineOut(external_id=external_id, moments=moments, has_more=found.has_more)


def _out(moment: Moment) -> MomentOut:
    what = {key: value for key, value in msgspec.to_builtins(moment.what).items() if key not in _PRIVATE}
    return MomentOut(at=moment.at, kind=moment.kind, reason=str(what.get("reason", "")), what=what)
