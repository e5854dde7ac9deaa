"""Plans over the HTTP API: ready plans, drafts thrown away or begun anew, copies, and lists of customers."""

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from huifang.api.frame import require
from huifang.customers.queries import profiles
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import lists, queries, ready, services
from huifang.plans.endpoints import PlanOut, plan_out

router = Router(tags=["plans"])
_SHOWN = 1000


class ReadyOut(Schema):
    """A ready plan of the wallet pack. *plan_id*: the plan that was installed from it."""

    pack_name: str
    name: dict[str, str]
    about: dict[str, str]
    questionnaire: str
    needs: str
    plan_id: int | None


class ReadyIn(Schema):
    """*is_another*: a plan of its own, whether or not the ready one is installed."""

    is_another: bool = False


class NameIn(Schema):
    """A plan's name by language."""

    name: dict[str, str]


class ListIn(Schema):
    """The wallet's ids of customers."""

    ids: list[str] = Field(default_factory=list)


class ListOut(Schema):
    """What became of the ids; *refused* are no customer's, the first thousand of *refused_count*."""

    added: int
    known: int
    repeated: int
    refused: list[str]
    refused_count: int


class WaitingOut(Schema):
    """The wallet's ids of the first thousand who wait on the list."""

    ids: list[str]


class RemovedOut(Schema):
    """How many were taken off the list."""

    removed: int


@router.get("/pack", response=list[ReadyOut], operation_id="list_ready_plans")
def list_ready(request: HttpRequest) -> list[ReadyOut]:
    """The ready plans, in the order of the pack."""
    require("plans.view")(request)
    return [
        ReadyOut(
            pack_name=each.pack_name,
            name=each.definition.name,
            about=each.about,
            questionnaire=each.questionnaire,
            needs=each.needs,
            plan_id=each.plan_id,
        )
        for each in ready.ready_plans()
    ]


@router.post("/pack", response=list[PlanOut], operation_id="install_pack")
def install_pack(request: HttpRequest) -> list[PlanOut]:
    """Put in every ready plan that is not there, as drafts; those added."""
    require("plans.edit")(request)
    added = services.install_pack(now=clock.now(), activate=False, by=_actor(request))
    return [_plan(plan_id) for plan_id in added]


@router.post("/pack/{pack_name}", response={201: PlanOut}, operation_id="install_ready_plan")
def install_one(request: HttpRequest, pack_name: str, body: ReadyIn) -> Status[PlanOut]:
    """The plan of a ready one: made as a draft where it is not there yet, or another one."""
    require("plans.edit")(request)
    make = services.create_from_pack if body.is_another else services.install_one
    return Status(201, _plan(make(pack_name=pack_name, by=_actor(request), now=clock.now())))


@router.post("/{plan_id}/copy", response={201: PlanOut}, operation_id="copy_plan")
def copy(request: HttpRequest, plan_id: int, body: NameIn) -> Status[PlanOut]:
    """A new plan whose first draft says what the newest version of this one says."""
    require("plans.edit")(request)
    made = services.copy(plan_id=PlanId(plan_id), name=body.name, by=_actor(request), now=clock.now())
    return Status(201, _plan(made))


@router.post("/{plan_id}/draft", response=PlanOut, operation_id="start_plan_draft")
def start_draft(request: HttpRequest, plan_id: int) -> PlanOut:
    """Begin the next version from the newest one."""
    require("plans.edit")(request)
    services.new_draft(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return _plan(PlanId(plan_id))


@router.delete("/{plan_id}/draft", response=PlanOut, operation_id="discard_plan_draft")
def discard_draft(request: HttpRequest, plan_id: int) -> PlanOut:
    """Throw the draft away. Writing one anew takes it back."""
    require("plans.edit")(request)
    services.discard_draft(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return _plan(PlanId(plan_id))


@router.post("/{plan_id}/draft/ready", response=PlanOut, operation_id="restore_ready_plan")
def restore_ready(request: HttpRequest, plan_id: int) -> PlanOut:
    """Write the ready plan that this one was installed from into the draft."""
    require("plans.edit")(request)
    services.restore_ready(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    return _plan(PlanId(plan_id))


@router.get("/{plan_id}/customers", response=WaitingOut, operation_id="list_plan_customers")
def list_customers(request: HttpRequest, plan_id: int) -> WaitingOut:
    """Who waits on the plan's list."""
    require("plans.view")(request)
    waiting = lists.waiting(plan_id=queries.plan(plan_id=PlanId(plan_id)).id, limit=_SHOWN)
    known = profiles(customer_ids=waiting)
    return WaitingOut(ids=[known[each].external_id for each in waiting if each in known])


@router.post("/{plan_id}/customers", response=ListOut, operation_id="add_plan_customers")
def add_customers(request: HttpRequest, plan_id: int, body: ListIn) -> ListOut:
    """Put customers on the plan's list, by the wallet's ids."""
    require("plans.edit")(request)
    report = services.add_to_list(
        plan_id=PlanId(plan_id), external_ids=body.ids, by=_actor(request), now=clock.now()
    )
    return ListOut(
        added=report.added,
        known=report.known,
        repeated=report.repeated,
        refused=list(report.refused),
        refused_count=report.refused_count,
    )


@router.post("/{plan_id}/customers/remove", response=RemovedOut, operation_id="remove_plan_customers")
def remove_customers(request: HttpRequest, plan_id: int, body: ListIn) -> RemovedOut:
    """Take customers off the list who were not taken yet."""
    require("plans.edit")(request)
    removed = services.remove_from_list(
        plan_id=PlanId(plan_id), external_ids=body.ids, by=_actor(request), now=clock.now()
    )
    return RemovedOut(removed=removed)


@router.post("/{plan_id}/customers/clear", response=RemovedOut, operation_id="clear_plan_customers")
def clear_customers(request: HttpRequest, plan_id: int) -> RemovedOut:
    """Take everybody off the list who was not taken yet."""
    require("plans.edit")(request)
    return RemovedOut(
        removed=services.clear_list(plan_id=PlanId(plan_id), by=_actor(request), now=clock.now())
    )


def _plan(plan_id: PlanId) -> PlanOut:
    return plan_out(queries.plan(plan_id=plan_id))


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]
