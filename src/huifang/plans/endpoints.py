"""Plans over the HTTP API: read, write the draft, put live, rehearse."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from huifang.api.frame import require
from huifang.api.instants import Instant
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
    paused_by: str
    paused_because: str
    needs_approval: bool
    asked_by: str
    approved_by: str
    definition: dict[str, Any]


class DefinitionIn(Schema):
    """A plan's definition; durations in ISO 8601."""

    definition: dict[str, Any]


class NoteIn(Schema):
    """Why it is done; whoever asked reads it."""

    note: str = Field("", max_length=500)


class ChangeOut(Schema):
    """One difference; *path* reads like "steps.2.body.en", what is in a row counted from 1."""

    path: str
    before: Any
    after: Any


class ProgressOut(Schema):
    """How far a campaign is. *state*: waiting, running, paused or done."""

    state: str
    total: int
    taken: int
    entered: int
    starts_at: datetime | None
    ends_at: datetime | None


class RehearsalIn(Schema):
    """The period of events to play: from *start* up to *end*; each says its zone."""

    start: Instant
    end: Instant


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


def plan_out(line: PlanLine) -> PlanOut:
    return PlanOut(
        id=line.id,
        name=line.name,
        state=line.state,
        live_version=line.live_version,
        draft_version=line.draft_version,
        live_since=line.live_since,
        edited_at=line.edited_at,
        paused_by=line.paused_by,
        paused_because=line.paused_because,
        needs_approval=queries.needs_approval(plan_id=line.id),
        asked_by=line.approval.asked_by if line.approval else "",
        approved_by=line.approval.approved_by if line.approval else "",
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
    return [plan_out(line) for line in queries.plans()]


@router.post("", response={201: PlanOut}, operation_id="create_plan")
def create_plan(request: HttpRequest, body: DefinitionIn) -> Status[PlanOut]:
    """Make a plan with a first draft."""
    require("plans.edit")(request)
    definition = read_definition(body.definition)
    plan_id = services.create(definition=definition, by=_actor(request), now=clock.now())
    return Status(201, plan_out(queries.plan(plan_id=plan_id)))


@router.get("/{plan_id}", response=PlanOut, operation_id="read_plan")
def read_plan(request: HttpRequest, plan_id: int) -> PlanOut:
    """One plan."""
    require("plans.view")(request)
    return plan_out(queries.plan(plan_id=PlanId(plan_id)))


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


@router.post("/{plan_id}/approval/ask", response=PlanOut, operation_id="ask_plan_approval")
def ask_approval(request: HttpRequest, plan_id: int) -> PlanOut:
    """Ask that another person agrees to the draft."""
    require("plans.edit")(request)
    services.ask_approval(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return read_plan(request, plan_id)


@router.post("/{plan_id}/approval/decline", response=PlanOut, operation_id="decline_plan_approval")
def decline(request: HttpRequest, plan_id: int, body: NoteIn) -> PlanOut:
    """Say no to what was asked; the draft stays. A yes is said at the console, by another person."""
    require("plans.approve")(request)
    services.decline(plan_id=PlanId(plan_id), by=_actor(request), why=body.note, now=clock.now())
    return read_plan(request, plan_id)


@router.get("/{plan_id}/changes", response=list[ChangeOut], operation_id="compare_plan_versions")
def read_changes(request: HttpRequest, plan_id: int, before: int, after: int) -> list[ChangeOut]:
    """What differs between two versions, by their numbers."""
    require("plans.view")(request)
    found = queries.changes(plan_id=PlanId(plan_id), before=before, after=after)
    return [ChangeOut(path=each.path, before=each.before, after=each.after) for each in found]


@router.get("/{plan_id}/progress", response=ProgressOut | None, operation_id="read_plan_progress")
def read_progress(request: HttpRequest, plan_id: int) -> ProgressOut | None:
    """How far a live plan is through its segment or list; null where it has neither."""
    require("plans.view")(request)
    found = queries.campaign_progress(plan_id=PlanId(plan_id), now=clock.now())
    if found is None:
        return None
    return ProgressOut(
        state=found.state,
        total=found.total,
        taken=found.taken,
        entered=found.entered,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
    )


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
