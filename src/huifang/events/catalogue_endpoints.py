"""The catalogue of events in the HTTP API: what comes, looks like what, should be what, and drifts how."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from huifang.api.frame import require
from huifang.events import declarations, queries, schemas, services
from huifang.events.errors import UnknownEventError
from huifang.events.records import Declaration, DeclaredProperty, DriftSeen, EventName, EventShape
from huifang.kernel import clock

router = Router(tags=["events"])


class PropertyOut(Schema):
    """One property of a declared event; *type* "" and no *allowed* mean any."""

    key: str
    type: str
    about: str
    required: bool = False
    allowed: list[str] = Field(default_factory=list)


class NameOut(Schema):
    """One name of the catalogue. *declared*: it is known what it should be, by Huifang or an operator."""

    name: str
    declared: bool
    built_in: bool
    strict: bool
    owner: str
    about: str
    properties: list[PropertyOut]
    count: int
    first_at: datetime | None
    last_at: datetime | None


class LearnedOut(Schema):
    """What a sample says of one property; *share* of the events had it, *types* are shares of its values."""

    key: str
    share: float
    types: dict[str, float]
    values: list[str]
    low: float | None
    high: float | None


class DriftOut(Schema):
    """One way in which events differ from what is declared or was learned."""

    id: int
    name: str
    code: str
    key: str
    detail: str
    times: int
    first_at: datetime
    last_at: datetime
    settled_at: datetime | None
    settled_by: str


class EventOut(NameOut):
    """One event with what was learned from *sampled* of them, and all its drifts."""

    sampled: int
    learned: list[LearnedOut]
    drifts: list[DriftOut]


class PropertyIn(Schema):
    """One property to declare."""

    key: str
    type: str = ""
    about: str = ""
    required: bool = False
    allowed: list[str] = Field(default_factory=list)


class DeclareIn(Schema):
    """What an event should be. *strict*: what differs is rejected."""

    about: str = ""
    owner: str = ""
    strict: bool = False
    properties: list[PropertyIn] = Field(default_factory=list)


@router.get("/catalogue", response=list[NameOut])
def list_event_names(request: HttpRequest) -> list[NameOut]:
    """Every event that is declared or was seen."""
    require("events.view")(request)
    seen = {each.name: each for each in queries.event_names()}
    declared = declarations.every()
    return [_name(name, declared.get(name), seen.get(name)) for name in dict.fromkeys((*declared, *seen))]


@router.get("/catalogue/event", response=EventOut)
def read_event(request: HttpRequest, name: str = "") -> EventOut:
    """One event: declared, learned, drifting."""
    require("events.view")(request)
    return _whole(name)


@router.put("/catalogue/event", response=EventOut)
def declare_event(request: HttpRequest, body: DeclareIn, name: str = "") -> EventOut:
    """Say what an event should be, in place of what was said before."""
    require("events.declare")(request)
    declaration = Declaration(
        name=name,
        about=body.about,
        owner=body.owner,
        is_strict=body.strict,
        properties=tuple(
            DeclaredProperty(
                key=each.key,
                type=each.type,
                about=each.about,
                is_required=each.required,
                allowed=tuple(each.allowed),
            )
            for each in body.properties
        ),
    )
    services.declare_event(declaration=declaration, by=_actor(request), now=clock.now())
    return _whole(name)


@router.delete("/catalogue/event", response={204: None})
def withdraw_declaration(request: HttpRequest, name: str = "") -> Status[None]:
    """Take a declaration back; the events stay."""
    require("events.declare")(request)
    services.withdraw_declaration(name=name, by=_actor(request), now=clock.now())
    return Status(204, None)


@router.get("/drifts", response=list[DriftOut])
def list_drifts(request: HttpRequest, name: str = "", include_settled: bool = False) -> list[DriftOut]:
    """How events drift, the open ones first; 200 at most."""
    require("events.view")(request)
    return [_drift(each) for each in schemas.drifts(name=name, include_settled=include_settled)]


@router.post("/drifts/settle", response={204: None})
def settle_drift(request: HttpRequest, drift_id: int = 0) -> Status[None]:
    """Note that a drift was seen to; should it go on, a new one opens."""
    require("events.declare")(request)
    services.settle_drift(drift_id=drift_id, by=_actor(request), now=clock.now())
    return Status(204, None)


def _actor(request: HttpRequest) -> str:
    return str(getattr(request, "auth", "api"))


def _name(name: str, declared: Declaration | None, seen: EventName | None) -> NameOut:
    return NameOut(
        name=name,
        declared=declared is not None,
        built_in=declared is not None and declared.is_built_in,
        strict=declared is not None and declared.is_strict,
        owner=declared.owner if declared else "",
        about=declared.about if declared else "",
        properties=[
            PropertyOut(
                key=each.key,
                type=each.type,
                about=each.about,
                required=each.is_required,
                allowed=[*each.allowed],
            )
            for each in (declared.properties if declared else ())
        ],
        count=seen.count if seen else 0,
        first_at=seen.first_at if seen else None,
        last_at=seen.last_at if seen else None,
    )


def _whole(name: str) -> EventOut:
    """One event. Raises `UnknownEventError`."""
    declared, shape = declarations.every().get(name), schemas.shape(name=name)
    seen = next((each for each in queries.event_names() if each.name == name), None)
    if declared is None and seen is None and shape is None:
        raise UnknownEventError(name=name)
    return EventOut(
        **_name(name, declared, seen).dict(),
        sampled=shape.count if shape else 0,
        learned=_learned(shape),
        drifts=[_drift(each) for each in schemas.drifts(name=name, include_settled=True)],
    )


def _learned(shape: EventShape | None) -> list[LearnedOut]:
    return [
        LearnedOut(
            key=each.key,
            share=each.share,
            types=dict(each.types),
            values=[*each.values],
            low=each.low,
            high=each.high,
        )
        for each in (shape.properties if shape else ())
    ]


def _drift(each: DriftSeen) -> DriftOut:
    return DriftOut(
        id=each.id,
        name=each.name,
        code=each.code,
        key=each.key,
        detail=each.detail,
        times=each.times,
        first_at=each.first_at,
        last_at=each.last_at,
        settled_at=each.settled_at,
        settled_by=each.settled_by,
    )
