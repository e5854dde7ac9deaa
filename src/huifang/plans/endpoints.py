"""Plans over the HTTP API: read, write the draft, put live, rehearse."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from huifang.api.frame import require
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import queries, services
from huifang.plans.records import PlanLine, RehearsalRecord
from huifang.plans.rules import read_definition, write_definition

router = Router(tags=["plans"])


class PlanOut(Schema):
    """A plan. *definition* is that of the draft, else of the live version."""

    id: int
    name: dict[str, str]
    state: str
    live_version: int | None
    draft_version: int | None
    live_since: datetime | None
    edited_at: datetime
    definition: dict[str, Any]


class DefinitionIn(Schema):
    """A plan's definition; durations in ISO 8601."""

    definition: dict[str, Any]


class RehearsalIn(Schema):
    """The period of events to play: from *start* up to *end*; each says its zone."""

    start: AwareDatetime
    end: AwareDatetime


class RehearsalOut(Schema):
    """A rehearsal. *state*: queued, running, done or failed; *done* counts events so far."""

    id: int
    plan_id: int
    version: int
    state: str
    done: int
    start: datetime
    end: datetime
    problem: str
    result: dict[str, Any] | None


def _plan(line: PlanLine) -> PlanOut:
    return PlanOut(
        id=line.id,
        name=line.name,
        state=line.state,
        live_version=line.live_version,
        draft_version=line.draft_version,
        live_since=line.live_since,
        edited_at=line.edited_at,
        definition=write_definition(line.definition),
    )


def _rehearsal(record: RehearsalRecord) -> RehearsalOut:
    return RehearsalOut(
        id=record.id,
        plan_id=record.plan_id,
        version=record.version,
        state=record.state,
        done=record.done,
        start=record.start,
        end=record.end,
        problem=record.problem,
        result=msgspec.to_builtins(record.result),
    )


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]


@router.get("", response=list[PlanOut], operation_id="list_plans")
def list_plans(request: HttpRequest) -> list[PlanOut]:
    """Every plan, live ones first."""
    require("plans.view")(request)
    return [_plan(line) for line in queries.plans()]


@router.post("", response={201: PlanOut}, operation_id="create_plan")
def create_plan(request: HttpRequest, body: DefinitionIn) -> Status[PlanOut]:
    """Make a plan with a first draft."""
    require("plans.edit")(request)
    definition = read_definition(body.definition)
    plan_id = services.create(definition=definition, by=_actor(request), now=clock.now())
    return Status(201, _plan(queries.plan(plan_id=plan_id)))


@router.get("/{plan_id}", response=PlanOut, operation_id="read_plan")
def read_plan(request: HttpRequest, plan_id: int) -> PlanOut:
    """One plan."""
    require("plans.view")(request)
    return _plan(queries.plan(plan_id=PlanId(plan_id)))


@router.put("/{plan_id}", response=PlanOut, operation_id="write_plan_draft")
def write_draft(request: HttpRequest, plan_id: int, body: DefinitionIn) -> PlanOut:
    """Replace the draft; one is started where there is none."""
    require("plans.edit")(request)
    definition = read_definition(body.definition)
    services.write_draft(plan_id=PlanId(plan_id), definition=definition, by=_actor(request), now=clock.now())
    return read_plan(request, plan_id)


@router.post("/{plan_id}/activate", response=PlanOut, operation_id="activate_plan")
def activate(request: HttpRequest, plan_id: int) -> PlanOut:
    """Put the draft live."""
    require("plans.activate")(request)
    services.activate(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return read_plan(request, plan_id)


@router.post("/{plan_id}/pause", response=PlanOut, operation_id="pause_plan")
def pause(request: HttpRequest, plan_id: int) -> PlanOut:
    """Stop entering and contacting, for a while."""
    require("plans.activate")(request)
    services.pause(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return read_plan(request, plan_id)


@router.post("/{plan_id}/resume", response=PlanOut, operation_id="resume_plan")
def resume(request: HttpRequest, plan_id: int) -> PlanOut:
    """Go on after a pause."""
    require("plans.activate")(request)
    services.resume(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return read_plan(request, plan_id)


@router.post("/{plan_id}/end", response=PlanOut, operation_id="end_plan")
def end(request: HttpRequest, plan_id: int) -> PlanOut:
    """Take the plan out of use."""
    require("plans.activate")(request)
    services.end(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return read_plan(request, plan_id)


@router.post("/{plan_id}/rehearsals", response={202: RehearsalOut}, operation_id="request_rehearsal")
def request_rehearsal(request: HttpRequest, plan_id: int, body: RehearsalIn) -> Status[RehearsalOut]:
    """Play stored events through the plan; the answer comes at once, the result later."""
    require("plans.view")(request)
    now = clock.now()
    rehearsal_id = services.request_rehearsal(
        plan_id=PlanId(plan_id), start=body.start, end=body.end, by=_actor(request), now=now
    )
    record = queries.rehearsal(plan_id=PlanId(plan_id), rehearsal_id=rehearsal_id, now=now)
    return Status(202, _rehearsal(record))


@router.get("/{plan_id}/rehearsals/{rehearsal_id}", response=RehearsalOut, operation_id="read_rehearsal")
def read_rehearsal(request: HttpRequest, plan_id: int, rehearsal_id: int) -> RehearsalOut:
    """A rehearsal as it stands."""
    require("plans.view")(request)
    record = queries.rehearsal(plan_id=PlanId(plan_id), rehearsal_id=rehearsal_id, now=clock.now())
    return _rehearsal(record)
