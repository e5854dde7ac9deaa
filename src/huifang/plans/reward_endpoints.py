"""Rewards over the HTTP API: the ledger of a plan, its cost, voiding, and the pools of codes."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from huifang.api.frame import require
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import queries, services
from huifang.plans.records import RewardRecord

router = Router(tags=["rewards"])
_PAGE = 200


class RewardOut(Schema):
    """One line of the ledger. *cost* in hundredths of *currency*; the code itself is not shown."""

    id: int
    kind: str
    name: dict[str, str]
    points: int
    cost: int
    currency: str
    state: str
    reason: str
    issued_at: datetime
    expires_at: datetime


class RewardReportOut(Schema):
    """What the rewards of a plan have cost, in hundredths of *currency*."""

    budget: int
    spent: int
    currency: str
    issued: int
    voided: int
    withheld: dict[str, int]
    cost_by_kind: dict[str, int]


class WhyIn(Schema):
    """Why it is done; kept in the audit log."""

    why: str = ""


class SeedOut(Schema):
    """The seed of a lot, in hexadecimal."""

    seed: str


class PoolOut(Schema):
    """One pool of codes: how many there were, and how many are left."""

    pool: str
    total: int
    left: int


class CodesIn(Schema):
    """Coupon codes for one pool."""

    pool: str = ""
    codes: list[str] = Field(default_factory=list)


class CodesOut(Schema):
    """What became of the codes; *known* were in the pool already."""

    added: int
    known: int
    refused: int


def _reward(record: RewardRecord) -> RewardOut:
    return RewardOut(
        id=record.id,
        kind=record.kind,
        name=record.name,
        points=record.points,
        cost=record.cost,
        currency=record.currency,
        state=record.state,
        reason=record.reason,
        issued_at=record.issued_at,
        expires_at=record.expires_at,
    )


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]


@router.get("/plans/{plan_id}/rewards", response=list[RewardOut], operation_id="list_rewards")
def list_rewards(request: HttpRequest, plan_id: int, before: int | None = None) -> list[RewardOut]:
    """The ledger, newest first; *before* is the id of the last line of the page before."""
    require("plans.view")(request)
    found = queries.rewards_of_plan(plan_id=PlanId(plan_id), limit=_PAGE, before=before)
    return [_reward(each) for each in found]


@router.get("/plans/{plan_id}/rewards/report", response=RewardReportOut, operation_id="read_reward_report")
def read_report(request: HttpRequest, plan_id: int) -> RewardReportOut:
    """What the plan's rewards have cost."""
    require("plans.view")(request)
    report = queries.reward_report(plan_id=PlanId(plan_id))
    return RewardReportOut(
        budget=report.budget,
        spent=report.spent,
        currency=report.currency,
        issued=report.issued,
        voided=report.voided,
        withheld=report.withheld,
        cost_by_kind=report.cost_by_kind,
    )


@router.post("/rewards/{reward_id}/void", response={204: None}, operation_id="void_reward")
def void(request: HttpRequest, reward_id: int, body: WhyIn) -> tuple[int, None]:
    """Take a reward back."""
    require("plans.reward")(request)
    services.void_reward(reward_id=reward_id, by=_actor(request), now=clock.now(), why=body.why)
    return 204, None


@router.post("/rewards/{reward_id}/restore", response={204: None}, operation_id="restore_reward")
def restore(request: HttpRequest, reward_id: int, body: WhyIn) -> tuple[int, None]:
    """Undo that."""
    require("plans.reward")(request)
    services.restore_reward(reward_id=reward_id, by=_actor(request), now=clock.now(), why=body.why)
    return 204, None


@router.post("/plans/{plan_id}/versions/{number}/lot", response=SeedOut, operation_id="reveal_lot")
def reveal_lot(request: HttpRequest, plan_id: int, number: int) -> SeedOut:
    """The seed of an ended version's lot, so that anybody can check its draws; it is public from then on."""
    require("plans.reward")(request)
    version = queries.version(plan_id=PlanId(plan_id), number=number)
    return SeedOut(seed=services.reveal_lot(version_id=version.id, by=_actor(request), now=clock.now()))


@router.get("/coupons", response=list[PoolOut], operation_id="list_coupon_pools")
def list_pools(request: HttpRequest) -> list[PoolOut]:
    """The pools of codes, by name."""
    require("plans.view")(request)
    return [PoolOut(pool=each.pool, total=each.total, left=each.left) for each in queries.coupon_pools()]


@router.post("/coupons", response=CodesOut, operation_id="upload_coupon_codes")
def upload(request: HttpRequest, body: CodesIn) -> CodesOut:
    """Put codes into a pool, each once."""
    require("plans.reward")(request)
    report = services.upload_codes(pool=body.pool, codes=body.codes, by=_actor(request), now=clock.now())
    return CodesOut(added=report.added, known=report.known, refused=report.refused)
